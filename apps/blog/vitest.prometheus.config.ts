import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** What needs a Prometheus, which takes minutes to get at first: `make test ONLY=metrics`. */
export default mergeConfig(
  { ...shared, test: { ...shared.test, include: [] } },
  {
    test: {
      include: ["test/prometheus/**/*.test.ts"],
      globalSetup: ["./test/setup/postgres.ts", "./test/setup/programs.ts"],
      outputFile: { json: ".test-results/vitest-prometheus.json" },
    },
  },
);
