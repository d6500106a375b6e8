import { type Cluster, findCluster } from "../../src/cluster.ts";
import { type GateInput, type Verdict, waitForJobs } from "../../src/gate.ts";
import { TIMING, type Timing } from "../../src/timing.ts";

/** The gate's own waits, short enough for tests; each test that is about one of them sets it. */
export const QUICK: Timing = {
  ...TIMING,
  deniedFor: 1_000,
  deniedEvery: 40,
  databaseEvery: 40,
  databaseSlowly: 120,
  confirmEvery: 20,
  backoffBase: 5,
  backoffCap: 40,
  healthyAfter: 200,
};

export interface Running {
  readonly lines: string[];
  readonly verdict: Promise<Verdict>;
  /** The verdict if there is one by now. */
  ended(): Verdict | undefined;
}

/** Runs the gate in this process, against a plain http API server or a cluster found before. */
export function runGate(
  where: string | Cluster,
  options: Partial<GateInput["options"]> = {},
  rest: Partial<Omit<GateInput, "options" | "cluster">> = {},
): Running {
  const lines: string[] = [];
  let ended: Verdict | undefined;
  const verdict = waitForJobs({
    options: { jobs: ["migrate"], timeout: 10_000, confirmFor: 100, diagnostics: false, ...options },
    cluster: typeof where === "string" ? findCluster({ server: where }, {}) : where,
    print: (text) => lines.push(text),
    timing: QUICK,
    ...rest,
  }).then((result) => {
    ended = result;
    return result;
  });
  return { lines, verdict, ended: () => ended };
}

/** Waits until a condition holds; the test's own timeout ends it otherwise. */
export async function until(holds: () => boolean, within = 10_000): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > within) throw new Error(`still not so after ${within} ms: ${holds}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}

export const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
