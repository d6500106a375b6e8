import { defineConfig, mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

/** What helm-unittest cannot ask of the charts, with Helm itself. */
export default mergeConfig(
  { ...shared, test: { ...shared.test, include: [] } },
  defineConfig({
    test: {
      include: ["test/charts/**/*.test.ts"],
      outputFile: { json: ".test-results/vitest-charts.json" },
    },
  }),
);
