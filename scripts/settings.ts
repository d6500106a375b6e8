import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatted } from "./lib/formatted.ts";
import { root } from "./lib/paths.ts";
import { pageOfSettings, settingsPage } from "./lib/settings/page.ts";
import { verb } from "./lib/verb.ts";

/** Writes the document of the settings; a test fails while the committed one differs. */
await verb("settings", async () => {
  await writeFile(join(root, settingsPage), await formatted(settingsPage, pageOfSettings()));
  console.log(settingsPage);
  return 0;
});
