import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** What every workspace's tests share: real databases take seconds, and the totals are added up from the JSON. */
export const shared = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "json"],
    outputFile: { json: ".test-results/vitest.json" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    // Two cores: more workers only make timings noisier.
    maxWorkers: 2,
    // Compiling is half of what a process takes to start, and the tests start hundreds.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/node-compile") },
  },
});
