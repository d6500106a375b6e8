import { defineConfig, mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

/** Without the tests of the charts, which need Helm: they belong to `make test ONLY=charts`. */
export default mergeConfig(shared, defineConfig({ test: { exclude: ["test/charts/**"] } }));
