import { doctor, type Finding, findEngine } from "@schema-rollout/toolchain";
import { claimedClusters, claimTo } from "./lib/cluster/ownership.ts";
import { type Target, targetFrom } from "./lib/cluster/target.ts";
import { whereaboutsOf } from "./lib/cluster/whereabouts.ts";
import { verb } from "./lib/verb.ts";

const marks = { ready: "ok", "will be installed": "to do", optional: "optional", missing: "MISSING" };

/** What is there, what set-up would install, what is missing. Exit code 3 if something is missing. */
await verb(
  "doctor",
  async () => {
    const target = targetFrom(process.env);
    const ports = target.type === "kind" ? Object.values(target.ports) : [];
    const ownPorts = target.type === "kind" && (await claimTo(target.name)) !== undefined ? ports : [];
    const findings = [...(await doctor({ ports, ownPorts })), ...(await clusters(target))];
    const width = Math.max(...findings.map(({ what }) => what.length));
    for (const { what, state, detail } of findings)
      console.log(`${marks[state].padEnd(8)} ${what.padEnd(width)} ${detail}`);
    return findings.some(({ state }) => state === "missing") ? 3 : 0;
  },
  { checks: [() => targetFrom(process.env)] },
);

/** Those that are ours, and the engine each was made with: it may be another than the one in use now. */
async function clusters(target: Target): Promise<Finding[]> {
  const findings: Finding[] = [];
  const now = (await findEngine())?.kind;
  for (const name of await claimedClusters()) {
    const { found, unanswered } = await whereaboutsOf(name);
    const remove = `; make down CLUSTER=${name} removes it`;
    for (const { engine, claim } of found) {
      const on = claim?.ports ? ` on ports ${claim.ports.join(", ")}` : "";
      const inTheWay = target.type === "kind" && name === target.name && engine.kind !== now;
      const but = inTheWay ? `, but the engine in use now is ${now ?? "none"}` : "";
      const detail = `made with ${engine.kind}${on}${but}${remove}`;
      findings.push({ what: `cluster ${name}`, state: inTheWay ? "missing" : "ready", detail });
    }
    for (const { engine } of unanswered) {
      const detail = `made with ${engine.kind}, which does not answer`;
      findings.push({ what: `cluster ${name}`, state: "optional", detail });
    }
  }
  return findings;
}
