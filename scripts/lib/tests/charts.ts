import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { artifacts, root } from "../paths.ts";
import { shown } from "./shown.ts";
import { add, junitTotals, none, type Totals, vitestTotals } from "./totals.ts";

const charts = ["charts/blog", "charts/postgres", "charts/examples/orders", "charts/strategy-lab"];
/** Each with the files of values it is linted with; the library has none that must be set. */
const lints: [chart: string, ...files: string[]][] = [
  ["charts/migration-gate"],
  ...charts.map((chart): [string, string] => [chart, "values.yaml"]),
  ["charts/blog", "values.yaml", "everything.yaml"],
  ["charts/postgres", "values.yaml", "everything.yaml"],
];

/** Lint with Helm 4 and 3, unit tests of the templates, and what only Helm itself can show (scripts/test/charts). */
export async function testCharts(): Promise<Totals> {
  const linted = [await lint("helm"), await lint("helm3")].reduce(add);
  return [linted, await unitTests(), await withHelm()].reduce(add);
}

async function lint(tool: "helm" | "helm3"): Promise<Totals> {
  const helm = await resolveTool(tool, { onProgress: console.log });
  let totals = none;
  for (const [chart, ...files] of lints) {
    const values = files.flatMap((file) => ["--values", `${chart}/ci/${file}`]);
    const { exitCode } = await shown`${helm.path} lint --strict --quiet ${chart} ${values}`;
    totals = add(totals, exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  }
  return totals;
}

async function unitTests(): Promise<Totals> {
  const unittest = await resolveTool("helm-unittest", { onProgress: console.log });
  const report = join(artifacts, "test/charts.xml");
  await mkdir(join(artifacts, "test"), { recursive: true });
  await rm(report, { force: true });
  const { exitCode } =
    await shown`${unittest.path} --strict --with-subchart=false --output-type JUnit --output-file ${report} ${charts}`;
  return orOneFailure(junitTotals(await readFile(report, "utf8").catch(() => "")), exitCode);
}

async function withHelm(): Promise<Totals> {
  const report = join(root, "scripts/.test-results/vitest-charts.json");
  await rm(report, { force: true });
  const { exitCode } = await shown({
    cwd: join(root, "scripts"),
  })`vitest run --config vitest.charts.config.ts`;
  const text = await readFile(report, "utf8").catch(() => undefined);
  return orOneFailure(text === undefined ? none : vitestTotals(JSON.parse(text)), exitCode);
}

/** A run that broke without a failed test to show for it is a failure all the same. */
const orOneFailure = (counted: Totals, exitCode: number | null): Totals =>
  exitCode !== 0 && counted.failed === 0 ? add(counted, { passed: 0, failed: 1 }) : counted;
