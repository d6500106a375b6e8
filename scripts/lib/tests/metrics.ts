import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { root } from "../paths.ts";
import { forget, reported } from "./reports.ts";
import { shown } from "./shown.ts";
import { add, type Totals } from "./totals.ts";

const report = "vitest-prometheus";

/** The documented scrape config, rules and queries, on a real Prometheus that scrapes real processes of the blog. */
export async function testMetrics(): Promise<Totals> {
  // First, and seen to: a build from source takes longer than a test may.
  for (const tool of ["prometheus", "promtool"] as const)
    await resolveTool(tool, { onProgress: console.log });
  await forget("apps/blog", report);
  const { exitCode } = await shown({
    cwd: join(root, "apps/blog"),
  })`vitest run --config vitest.prometheus.config.ts`;
  const totals = await reported("apps/blog", report);
  return exitCode !== 0 && totals.failed === 0 ? add(totals, { passed: 0, failed: 1 }) : totals;
}
