import { exitCode } from "./lib/failure.ts";
import { ownServiceFrom } from "./lib/own-service/settings.ts";
import { endToEnd } from "./lib/tests/end-to-end.ts";
import { whereToLook } from "./lib/tests/kept.ts";
import { lastLine } from "./lib/tests/totals.ts";
import { verb } from "./lib/verb.ts";

/** Scenarios on the cluster: the core set, with `full` as argument all of them, or with ONLY=name,… those of that name. */
await verb(async () => {
  const only = (process.env.ONLY ?? "").split(",").filter(Boolean);
  // Before a cluster is made for it.
  ownServiceFrom(process.env);
  const totals = await endToEnd({ full: process.argv[2] === "full" || only.length > 0, only });
  console.log(lastLine(totals));
  const look = await whereToLook();
  if (look) console.log(look);
  return totals.failed === 0 && totals.passed > 0 ? 0 : exitCode.promiseBroken;
});
