import { kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { freshNamespace, removeNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { resolveTool } from "@schema-rollout/toolchain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { theStage } from "./scenario/stage.ts";

const namespace = "e2e-charts";
beforeAll(async () => freshNamespace((await theStage()).cluster, namespace));
afterAll(async () => removeNamespace((await theStage()).cluster, namespace));

/** As they come, and with everything on that is off by default. */
const charts = [
  ...["blog", "postgres"].flatMap((chart) => [
    { chart, values: ["ci/values.yaml"] },
    { chart, values: ["ci/values.yaml", "ci/everything.yaml"] },
  ]),
  { chart: "examples/orders", values: ["ci/values.yaml"] },
];
const cases = (["helm", "helm3"] as const).flatMap((tool) => charts.map((chart) => ({ tool, ...chart })));

test.each(cases)(
  "the API server accepts every object that $tool renders of $chart with $values, without a warning",
  async ({ tool, chart, values }) => {
    const { cluster } = await theStage();
    const { path } = await resolveTool(tool);
    const files = values.flatMap((file) => ["-f", `charts/${chart}/${file}`]);
    const rendered = await sh`${path} template blog charts/${chart} -n ${namespace} ${files}`;
    // The server judges them with its schema and with Pod Security "restricted", which answers with warnings.
    const { stdout, stderr } = await kubectl(
      cluster,
      ["apply", "-n", namespace, "--dry-run=server", "-f", "-"],
      rendered.stdout,
    );
    expect(stdout.trim().split("\n").length).toBeGreaterThan(3);
    expect(stderr).toBe("");
  },
);
