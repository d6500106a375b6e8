import { defineConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

/** What the oldest version we support could do differently: locks, indexes, crashes, the record. */
const onOldest = [
  "up",
  "locks",
  "invalid-index",
  "crash",
  "faults/kill-boundaries",
  "faults/interrupted-statements",
  "online-locks",
  "online-interrupted",
  "backfill-keys",
  "backfill-locks",
];

// One PostgreSQL for all test files of a project; each test makes a database of its own in it.
const project = (version: string, include: string[]) => ({
  extends: true as const,
  test: { name: `postgres-${version}`, include, globalSetup: ["test/support/server.ts"] },
});

// A project's include is added to the one it extends, never taken instead: then each would run every file.
const { include: _, ...settings } = shared.test ?? {};

export default defineConfig({
  test: {
    ...settings,
    // What these tests start is mostly waited for: with two workers a quarter of two cores had nothing to do.
    maxWorkers: 3,
    projects: [
      project("18", ["test/**/*.test.ts"]),
      project(
        "15",
        onOldest.map((name) => `test/${name}.test.ts`),
      ),
    ],
  },
});
