import { doctor } from "@schema-rollout/toolchain";
import { targetFrom } from "./lib/cluster/target.ts";
import { verb } from "./lib/verb.ts";

/** What is there, what set-up would install, what is missing. Changes nothing; exit code 3 if something is missing. */
await verb(async () => {
  const target = targetFrom(process.env);
  const findings = await doctor({ ports: target.type === "kind" ? Object.values(target.ports) : [] });
  const marks = { ready: "ok", "will be installed": "to do", missing: "MISSING" };
  for (const { what, state, detail } of findings)
    console.log(`${marks[state].padEnd(8)} ${what.padEnd(15)} ${detail}`);
  return findings.some(({ state }) => state === "missing") ? 3 : 0;
});
