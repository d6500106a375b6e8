import { mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

/**
 * The core set is in this folder, what takes longer in `full/`. E2E_SET=full runs both; so does a name, which picks files.
 * One scenario after the other: they share the machine with the cluster and the load.
 */
export default mergeConfig(shared, {
  test: {
    include: ["*.test.ts", ...(process.env.E2E_SET === "full" ? ["full/*.test.ts"] : [])],
    setupFiles: ["vitest.setup.ts"],
    // What is kept of a failure must be kept before the hooks of the file remove it.
    sequence: { hooks: "list" },
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});
