import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../paths.ts";
import { testAlerts } from "./alerts.ts";
import { testCharts } from "./charts.ts";
import { endToEnd, prepareEndToEnd } from "./end-to-end.ts";
import { testMetrics } from "./metrics.ts";
import { lintMigrations } from "./migrations.ts";
import { forget, reported } from "./reports.ts";
import { shown } from "./shown.ts";
import { add, none, type Totals } from "./totals.ts";

export interface TestPhase {
  name: string;
  title: string;
  run(): Promise<Totals>;
  /** What it can begin with as soon as another phase begins. If that fails, so has the phase. */
  ahead?: { beside: string; run(): Promise<void> };
}

/** In the order they run: the quick ones first. */
export const phases: TestPhase[] = [
  { name: "lint", title: "Style (Biome)", run: () => check(shown`biome check .`) },
  {
    name: "types",
    title: "Types (tsc, every workspace)",
    run: () => check(shown`turbo run typecheck --output-logs=errors-only`),
  },
  {
    name: "migrations",
    title: "Migrations: safe under a live service (migrator lint)",
    run: lintMigrations,
  },
  { name: "unit", title: "Unit and integration, on real PostgreSQL", run: unit },
  {
    name: "charts",
    title: "Charts: lint, unit tests, rendered as GitOps tools do; Helm 4 and 3",
    run: testCharts,
  },
  { name: "alerts", title: "Alerts: rules and their unit tests (promtool)", run: testAlerts },
  { name: "metrics", title: "Metrics: scrape config, rules and queries (Prometheus)", run: testMetrics },
  {
    name: "e2e",
    title: "End to end, on kind: the core set",
    run: () => endToEnd(),
    ahead: { beside: "charts", run: prepareEndToEnd },
  },
];

async function check(command: PromiseLike<{ exitCode: number | null }>): Promise<Totals> {
  const { exitCode } = await command;
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function unit(): Promise<Totals> {
  const workspaces = [...(await below("apps")), ...(await below("tools")), "scripts"];
  for (const workspace of workspaces) await forget(workspace);
  // One workspace at a time: each brings its own PostgreSQL, and there may be two cores.
  const { exitCode } =
    await shown`turbo run test --continue --concurrency=1 --output-logs=full --log-prefix=none`;
  let totals = none;
  for (const workspace of workspaces) totals = add(totals, await reported(workspace));
  return exitCode !== 0 && totals.failed === 0 ? add(totals, { passed: 0, failed: 1 }) : totals;
}

const below = async (folder: string) =>
  (await readdir(join(root, folder))).map((name) => `${folder}/${name}`);
