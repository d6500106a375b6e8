import type { Cell, LoadFigures } from "../../lab/cell.ts";
import { type StrategyName, strategies } from "../../lab/strategies.ts";
import { type Trial, trials } from "../../lab/trials.ts";

/** Cells made up for tests: nothing fails, but for the page that takes the blog down and the hook that is in the way. */
export const madeUpCells = (): Cell[] =>
  strategies.flatMap(({ name }, row) =>
    trials.map((trial, column) => madeUpCell(name, trial, row * 10 + column)),
  );

function madeUpCell(strategy: StrategyName, trial: Trial, minute: number): Cell {
  const stuck = strategy === "job-hook" && trial.name === "failing";
  return {
    format: 1,
    build: "0123456789ab",
    strategy,
    trial: trial.name,
    startedAt: Date.UTC(2026, 0, 1, 12, minute),
    tookSeconds: 45,
    command: stuck
      ? { succeeded: false, seconds: 4.2, said: "pre-upgrade hooks failed" }
      : { succeeded: true, seconds: 11 },
    deployedSeconds: stuck ? null : 9.3,
    ...(trial.name !== "credentials" && { load: madeUpLoad(strategy === "holding-page") }),
    ran: {
      migration: trial.migration,
      begun: 1,
      recorded: 1,
      queued: strategy === "init-container" ? 2 : 0,
      ...(trial.name === "replicas" && { effects: strategy === "startup-lockless" ? 3 : 1 }),
    },
    left: {
      release: stuck ? "failed" : "deployed",
      jobs: stuck ? ["blog-migrate Failed"] : [],
      pods: ["3 v2 ready"],
      invalidIndexes: [],
    },
    ...(stuck && {
      repair: {
        cause: "ALTER TABLE posts ADD COLUMN author text",
        attempts: [
          { what: "the same deploy", worked: false, said: "resource not ready\npre-upgrade hooks failed" },
          {
            what: "the same deploy with Helm 3",
            worked: false,
            said: 'jobs.batch "blog-migrate" already exists',
          },
          { what: "kubectl delete job blog-migrate, then the same deploy", worked: true },
        ],
      },
    }),
    ...(trial.name === "credentials" && {
      rights: [
        {
          identity: "every pod of the blog (account blog)",
          secret: "blog-migrator-database",
          role: "blog_migrator",
          lasting: true,
        },
      ],
      objects: {
        counts: { Deployment: 1, Service: 2 },
        added: ["Job blog-migrate"],
        granted: [],
        pipeline: [],
      },
    }),
    environment: {
      kubernetes: "1.37.2",
      postgresql: "18.4",
      helm: "4.3.1",
      replicas: 3,
      rates: { reused: 180, new: 45 },
      machine: { os: "Linux 6.12.0", cpu: "a <processor>", cores: 2, memoryGiB: 24 },
      commit: "0d0fb9e",
    },
  };
}

function madeUpLoad(down: boolean): LoadFigures {
  const failedIn = (second: number) => down && second >= 6 && second < 14;
  const seconds = Array.from({ length: 24 }, (_, second) => second);
  const failed = seconds.map((second) => (failedIn(second) ? 225 : 0));
  return {
    requests: 5_400,
    failed: failed.reduce<number>((sum, count) => sum + count, 0),
    causes: down ? [{ what: "list → 503 from an unknown release", count: 1_800 }] : [],
    longestGapSeconds: down ? 8.2 : 0.1,
    secondsWithFailures: down ? 8 : 0,
    p99Steady: 5.1,
    p99: 31.4,
    lostWrites: 0,
    perSecond: { ok: seconds.map((second) => (failedIn(second) ? 0 : 225)), failed },
    orderedAt: 5,
  };
}
