import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

export default mergeConfig(shared, {
  test: {
    globalSetup: ["./test/setup/postgres.ts"],
    // Of concurrent tests, each with processes of its own; two cores again.
    maxConcurrency: 2,
  },
});
