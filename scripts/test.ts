import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { targetFrom } from "./lib/cluster/target.ts";
import { exitCode, usage } from "./lib/failure.ts";
import { artifacts } from "./lib/paths.ts";
import { seconds } from "./lib/rollout/upgrade.ts";
import { forgetKept, whereToLook } from "./lib/tests/kept.ts";
import { phases, type TestPhase } from "./lib/tests/phases.ts";
import { add, lastLine, none, type Totals } from "./lib/tests/totals.ts";
import { verb } from "./lib/verb.ts";

/** Runs every phase, or those named (`make test ONLY=unit,charts`). The last line has the totals of all of them. */
const lint = process.argv[2] === "lint";
const names = ((!lint && process.env.ONLY) || process.argv[2] || "").split(",").filter(Boolean);
const tests = async () => {
  await forgetKept();
  let totals: Totals = none;
  const lines: string[] = [];
  const chosen = phases.filter(({ name }) => names.length === 0 || names.includes(name));
  const begun = new Map<TestPhase, Promise<void>>();
  const begin = (phase: TestPhase, work: Promise<void>) => {
    begun.set(phase, work);
    // It is told when the phase that needs it has its turn, and counts as a failure of that one.
    work.catch(() => {});
  };
  for (const phase of chosen) {
    const { name, title, run } = phase;
    for (const later of chosen) if (later.ahead?.beside === name) begin(later, later.ahead.run());
    console.log(`\n── ${title}`);
    const startedAt = Date.now();
    const ready = begun.get(phase) ?? Promise.resolve();
    const result = await ready.then(run).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      return { passed: 0, failed: 1, failures: [`The phase "${name}" ended before its tests did.`] };
    });
    totals = add(totals, result);
    lines.push(
      `${name.padEnd(10)} ${result.passed} passed, ${result.failed} failed  (${seconds(startedAt, Date.now())} s)`,
    );
  }
  console.log(`\n${lines.join("\n")}\n`);
  if (totals.failures)
    console.log(`Failed:\n${totals.failures.map((failure) => `  ${failure}`).join("\n")}\n`);
  const look = await whereToLook();
  if (look) console.log(`${look}\n`);
  const last = lastLine(totals);
  await mkdir(artifacts, { recursive: true });
  await writeFile(join(artifacts, "test-totals.txt"), `${last}\n`);
  console.log(last);
  return totals.failed === 0 && totals.passed > 0 ? 0 : exitCode.promiseBroken;
};

function requirePhases(): void {
  const unknown = names.filter((name) => !phases.some((phase) => phase.name === name));
  if (unknown.length > 0)
    throw usage(
      `There is no test phase "${unknown[0]}". There are: ${phases.map(({ name }) => name).join(", ")}.`,
    );
}

await verb(lint ? "lint" : "test", tests, {
  words: phases.map(({ name }) => name),
  checks: lint ? [] : [requirePhases, () => targetFrom(process.env)],
});
