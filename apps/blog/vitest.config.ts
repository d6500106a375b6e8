import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

export default mergeConfig(shared, {
  test: {
    // They have a configuration of their own.
    exclude: ["test/prometheus/**"],
    globalSetup: ["./test/setup/postgres.ts", "./test/setup/programs.ts", "./test/setup/code-cache.ts"],
    // Much of it is waited for: with two workers a tenth of two cores had nothing to do.
    maxWorkers: 3,
    // Of concurrent tests, each with processes of its own; two cores again.
    maxConcurrency: 2,
  },
});
