import { dirname } from "node:path";
import { KEY, LEVEL } from "../test/support/record.ts";
import { type Running, run } from "./process.ts";
import type { Stage } from "./stage.ts";

export interface Contender {
  readonly name: "wait-for-job" | "wait-for-job --schema" | "kubectl wait" | "shell loop";
  readonly what: string;
  readonly runs: number;
  start(job: string): Running;
  /** Whether it has come to rest and only waits. `asked` counts what has reached the API server since its start. */
  resting(running: Running, asked: number, watches: number): boolean;
  /** How long the Job goes on after that, at random within these bounds. */
  readonly restFor: readonly [number, number];
  /** What the Job does right before it is Complete. */
  beforeComplete?(): Promise<void>;
  afterwards?(): Promise<void>;
}

/** As people poll for a Job: kubectl, told to print the one thing that counts, every 2 seconds. */
const LOOP = `until kubectl get job "$1" -o jsonpath='{.status.conditions[?(@.type=="Complete")].status}' | grep -q True; do sleep 2; done`;

export function contenders(stage: Stage, runs: number): Contender[] {
  const { bundle, db, kubectl } = stage;
  const flags = stage.flags();
  const watching = (_: Running, __: number, watches: number) => watches === 1;
  const kubectlEnv = () => ({
    PATH: `${dirname(kubectl.path)}:/usr/bin:/bin`,
    HOME: stage.freshHome(),
    KUBECONFIG: stage.kubeconfig,
  });
  return [
    {
      name: "wait-for-job",
      what: "the bundle of the image, over TLS",
      runs,
      start: (job) => run(process.execPath, [bundle.path, job, ...flags]),
      resting: watching,
      restFor: [50, 100],
    },
    {
      name: "wait-for-job --schema",
      what: "the same, asking PostgreSQL before it opens",
      runs,
      start: (job) =>
        run(process.execPath, [bundle.path, job, "--schema", KEY, "--level", LEVEL, ...flags], {
          DATABASE_URL: db.url,
        }),
      resting: ({ output }, _, watches) => watches === 1 && output().includes("Database:"),
      restFor: [50, 100],
      beforeComplete: () => db.record(),
      afterwards: () => db.sql("DELETE FROM migrations"),
    },
    {
      name: "kubectl wait",
      what: "kubectl wait --for=condition=complete",
      runs: Math.ceil(runs / 4),
      start: (job) =>
        run(kubectl.path, ["wait", "--for=condition=complete", `job/${job}`, "--timeout=60s"], kubectlEnv()),
      resting: watching,
      restFor: [50, 100],
    },
    {
      name: "shell loop",
      what: "kubectl get every 2 s, the way of k8s-wait-for",
      runs: Math.ceil((runs * 15) / 100),
      start: (job) => run("/bin/sh", ["-c", LOOP, "sh", job], kubectlEnv()),
      // Two requests to learn what there is, one for the Job.
      resting: (_, asked) => asked >= 3,
      restFor: [0, 2_000],
    },
  ];
}
