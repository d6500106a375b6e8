import { kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { freshNamespace, removeNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { resolveTool } from "@schema-rollout/toolchain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { theStage } from "./scenario/stage.ts";

const namespace = "e2e-charts";
beforeAll(async () => freshNamespace((await theStage()).cluster, namespace));
afterAll(async () => removeNamespace((await theStage()).cluster, namespace));

const cases = (["helm", "helm3"] as const).flatMap((tool) => [
  // With everything that is off by default.
  { tool, chart: "blog", values: ["--set", "release.contract=true"] },
  { tool, chart: "postgres", values: [] },
]);

test.each(cases)(
  "the API server accepts every object that $tool renders of $chart, without a warning",
  async ({ tool, chart, values }) => {
    const { cluster } = await theStage();
    const { path } = await resolveTool(tool);
    const rendered =
      await sh`${path} template ${chart} charts/${chart} -n ${namespace} -f charts/${chart}/ci/values.yaml ${values}`;
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
