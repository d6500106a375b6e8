import { mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

/** One scenario after the other: they share the machine with the cluster and the load. */
export default mergeConfig(shared, {
  test: {
    include: ["*.test.ts"],
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});
