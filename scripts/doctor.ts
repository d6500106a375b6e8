import { doctor } from "@schema-rollout/toolchain";
import { claimTo } from "./lib/cluster/ownership.ts";
import { targetFrom } from "./lib/cluster/target.ts";
import { verb } from "./lib/verb.ts";

const marks = { ready: "ok", "will be installed": "to do", optional: "optional", missing: "MISSING" };

/** What is there, what set-up would install, what is missing. Exit code 3 if something is missing. */
await verb(async () => {
  const target = targetFrom(process.env);
  const ports = target.type === "kind" ? Object.values(target.ports) : [];
  const ownPorts = target.type === "kind" && (await claimTo(target.name)) !== undefined ? ports : [];
  const findings = await doctor({ ports, ownPorts });
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { what, state, detail } of findings)
    console.log(`${marks[state].padEnd(8)} ${what.padEnd(width)} ${detail}`);
  return findings.some(({ state }) => state === "missing") ? 3 : 0;
});
