import { writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { artifacts } from "./lib/paths.ts";
import { readRun } from "./lib/report/read.ts";
import { renderReport } from "./lib/report/render.ts";
import { recordFile, reportFile } from "./lib/report/write.ts";
import { verb } from "./lib/verb.ts";

/**
 * Makes the report of a run anew, without the run. RECORD: its run.json; OUT: the page; SHOTS: what the names of
 * pictures begin with, for example docs/report, where pictures are wanted, too.
 */
await verb("report", async () => {
  const { RECORD, OUT, SHOTS } = process.env;
  const record = resolve(RECORD || join(artifacts, "demo", recordFile));
  const page = resolve(OUT || join(dirname(record), reportFile));
  await writeFile(page, renderReport(await readRun(record)));
  const written = [page];
  if (SHOTS) {
    // Loaded only here: nothing but this needs a browser.
    const { takeScreenshots } = await import("./lib/report/screenshots.ts");
    written.push(...(await takeScreenshots(page, resolve(SHOTS))));
  }
  for (const file of written) console.log(relative(process.cwd(), file));
  return 0;
});
