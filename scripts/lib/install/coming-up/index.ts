import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../cluster/index.ts";
import { exitCode, Failure } from "../../failure.ts";
import { interruption, saidBy } from "../../shell.ts";
import type { Fault } from "./fault.ts";
import { hope } from "./hope.ts";
import { type Awaited, type FailedJob, type Judgement, judge } from "./judge.ts";
import { lastWordsOf, lastWordsOfJob } from "./last-words.ts";
import { looker } from "./look.ts";
import type { Patience } from "./pods.ts";

/** It cannot come up, and waiting longer changes nothing; the message says why in the pod's own words. */
export class Hopeless extends Failure {}

const everyMs = 1_000;

/** Nobody adds nodes to a kind cluster; elsewhere an autoscaler may, which takes a minute or two. */
const patienceOn = ({ context }: Cluster): Patience => ({
  unschedulableMs: context.startsWith("kind-") ? 15_000 : 150_000,
});

/**
 * Waits as `wait` does, but no longer than there is hope: as soon as something is seen to be final, the wait is ended (by its
 * signal) and the reason is thrown. A wait that ends badly by itself is told with what was in the way then. Whatever cannot
 * be looked at, as on a cluster that does not answer for a while, leaves the judgement to the wait.
 */
export async function whileItCanComeUp(
  cluster: Cluster,
  namespace: string,
  awaited: Awaited,
  wait: (signal: AbortSignal) => PromiseLike<unknown>,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, interruption.signal]);
  let inTheWay: Fault[] = [];
  const waiting = Promise.resolve(wait(signal)).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const watching = watch();
  const first = await Promise.race([waiting.then((ended) => ({ ended })), watching]);
  over.abort();
  // What it started ends before this does, a helm that writes down that it was cancelled for one.
  await Promise.race([waiting, sleep(10_000, undefined, { ref: false })]);
  if (first instanceof Hopeless) throw first;
  const { ended } = first ?? { ended: await waiting };
  if (!ended) return;
  const reasons = inTheWay.map(({ text }) => `\n  ${text}`).join("");
  throw reasons ? new Failure(`${saidBy(ended.error)}${reasons}`, { cause: ended.error }) : ended.error;

  async function watch(): Promise<Hopeless | undefined> {
    const look = looker(cluster, namespace);
    const { lostTo } = hope(Date.now());
    while (!signal.aborted) {
      const judgement: Judgement | undefined = await look().then(
        (seen) => judge(seen, awaited, patienceOn(cluster)),
        () => undefined,
      );
      if (judgement) {
        inTheWay = judgement.faults;
        const { failedJob } = judgement;
        if (failedJob) return new Hopeless(await failureOf(failedJob), { code: exitCode.promiseBroken });
        const fault = lostTo(judgement.faults, Date.now());
        if (fault) return new Hopeless(await inFull(fault));
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }

  async function failureOf({ job, message }: FailedJob): Promise<string> {
    const said = await lastWordsOfJob(cluster, namespace, job).catch(() => "");
    return `the Job ${job} failed: ${said || message}\nAll it said: kubectl -n ${namespace} logs job/${job} --all-pods`;
  }

  /** With its last words, where the API server does not have them in the pod's status. */
  async function inFull({ text, log }: Fault): Promise<string> {
    const said = log && (await lastWordsOf(cluster, { namespace, ...log }));
    return said ? `${text}: ${said}` : text;
  }
}
