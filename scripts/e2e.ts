import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { targetFrom } from "./lib/cluster/target.ts";
import { exitCode, usage } from "./lib/failure.ts";
import { ownServiceFrom } from "./lib/own-service/settings.ts";
import { root } from "./lib/paths.ts";
import { endToEnd } from "./lib/tests/end-to-end.ts";
import { whereToLook } from "./lib/tests/kept.ts";
import { lastLine } from "./lib/tests/totals.ts";
import { verb } from "./lib/verb.ts";

/** Scenarios on the cluster: the core set, with `full` as argument all of them, or with ONLY=name,… those of that name. */
const full = process.argv[2] === "full";
const only = (process.env.ONLY ?? "").split(",").filter(Boolean);
const scenarios = async () => {
  const totals = await endToEnd({ full: full || only.length > 0, only });
  console.log(lastLine(totals));
  const look = await whereToLook();
  if (look) console.log(look);
  return totals.failed === 0 && totals.passed > 0 ? 0 : exitCode.promiseBroken;
};

/** vitest would say that it found none, once the cluster is there. */
async function requireScenarios(): Promise<void> {
  const files = (await readdir(join(root, "e2e"), { recursive: true })).filter((file) =>
    /^(full\/)?[\w-]+\.test\.ts$/.test(file),
  );
  const unknown = only.filter((name) => !files.some((file) => file.includes(name)));
  if (unknown.length === 0) return;
  const names = files.map((file) => basename(file, ".test.ts")).sort();
  throw usage(
    `ONLY=${only.join()}: there is no scenario "${unknown.join('", "')}". There are: ${names.join(", ")}.`,
  );
}

await verb(full ? "e2e-full" : "e2e", scenarios, {
  words: ["full"],
  // Before a cluster is made for it.
  checks: [() => targetFrom(process.env), () => ownServiceFrom(process.env), requireScenarios],
});
