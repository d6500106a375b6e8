import { defineConfig, mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

/** Without the tests of the charts, which need Helm: they belong to `make test ONLY=charts`. */
export default mergeConfig(
  shared,
  // Browsers and servers are waited for: with two workers an eighth of two cores had nothing to do.
  defineConfig({ test: { exclude: ["test/charts/**"], maxWorkers: 3 } }),
);
