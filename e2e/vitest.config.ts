import { globSync } from "node:fs";
import { lanesVariable } from "@schema-rollout/scripts/lib/tests/lanes.ts";
import { mergeConfig } from "vitest/config";
import { shared } from "../vitest.shared.ts";

/** The core set is in this folder, what takes longer in `full/`. E2E_SET=full runs both; so does a name, which picks files. */
const files = globSync(["*.test.ts", ...(process.env.E2E_SET === "full" ? ["full/*.test.ts"] : [])], {
  cwd: import.meta.dirname,
});

/** What no other scenario may run beside. */
const alone = [
  // Latencies and durations of one phase are held against those of another.
  "upgrade.test.ts",
  "full/own-service.test.ts",
  "full/p99-bounds.test.ts",
  // Whole commands of a newcomer's, which bundle anew what others read, and send a load of their own.
  "deploy.test.ts",
  "bad-input.test.ts",
  "full/interrupted.test.ts",
  // The cluster itself is what breaks, or a second one takes the machine.
  "full/api-server-down.test.ts",
  "full/drain-and-node-death.test.ts",
];

/**
 * The run that has prepared cluster, images and database for them opens two lanes: most of a scenario is waiting for pods,
 * and each lane sends a third of the load. Without it one scenario runs after the other.
 */
const lanes = process.env[lanesVariable] ? 2 : 1;

const common = {
  setupFiles: ["vitest.setup.ts"],
  testTimeout: 600_000,
  hookTimeout: 900_000,
};
// What is kept of a failure must be kept before the hooks of the file remove it.
const hooks = "list" as const;

export default mergeConfig(shared, {
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "beside each other",
          include: files.filter((file) => !alone.includes(file)),
          maxWorkers: lanes,
          fileParallelism: lanes > 1,
          sequence: { hooks, groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: "alone",
          include: files.filter((file) => alone.includes(file)),
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { hooks, groupOrder: 1 },
          // They have the first way in, and all of the load.
          env: { [lanesVariable]: "" },
        },
      },
    ],
  },
});
