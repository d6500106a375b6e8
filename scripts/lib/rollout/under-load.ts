import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import { watchConnections } from "../load/connections.ts";
import { judgeLedger } from "../load/ledger.ts";
import { rampSeconds } from "../load/ramp.ts";
import { type Rates, ratesFor, usualRates } from "../load/rates.ts";
import { readRaw } from "../load/raw.ts";
import { readAdapter } from "../load/read-adapter.ts";
import { readEverything } from "../load/read-back.ts";
import { startLoad } from "../load/run.ts";
import { bounds, type Summary, summarise } from "../load/summary.ts";
import { warmUp } from "../load/warm-up.ts";
import type { Say } from "../progress.ts";
import { type Environment, environmentOf } from "../report/record/environment.ts";
import { recordOf } from "../report/record/record.ts";
import { writeReport } from "../report/write.ts";
import { keepErrors, podLogs } from "./error-log.ts";
import { type Course, evidenceOf } from "./evidence.ts";
import { contractEnd } from "./jobs.ts";
import { watchLockQueues } from "./lock-queues.ts";
import { type Service, theBlog } from "./service.ts";
import { unfinishedPhases } from "./unfinished.ts";
import { migration, type Order, plainRestart, upgrade } from "./upgrade.ts";
import { type NamespaceWatch, watchService } from "./watch.ts";

export interface UnderLoadOptions {
  cluster: Cluster;
  namespace: string;
  /** Without one, the blog. */
  service?: Service;
  url: string;
  k6: string;
  from: string;
  to: string;
  replicas: number;
  /** Folder of the raw output. */
  folder: string;
  /** Where run.json and report.html go, if elsewhere. */
  reportFolder?: string;
  /** Without it, RATE or what machine and service carry: 225 requests/s where they can. */
  rates?: Rates;
  /** Of the machine, where the load has not all of it; 1 without it. */
  share?: number;
  /** How long it takes before anything is judged, and goes on in the end; 6 s each without it. */
  pace?: Pace;
  /** Requests it must come to before the load is stopped; as many as a verdict needs without it. */
  leastRequests?: number;
  /** Connections that are watched byte by byte beside the load; six without it. */
  watchedConnections?: number;
  /** Whether the database is asked who waits for locks; it is without this. */
  watchedLocks?: boolean;
  /** Where it runs, if that is known already. */
  environment?: Environment | undefined;
  signal?: AbortSignal | undefined;
}

export type Proof = Awaited<ReturnType<typeof proveUnderLoad>>;

export interface Pace {
  /** Requests of the warm-up, for each that the load then sends in a second. */
  warmUpFactor: number;
  /** Of the load itself, before anything is judged to be steady. */
  warmUpMs: number;
  /** After the last old pod is gone: longer than a request may hang before it has failed. */
  afterMs: number;
}
const usualPace: Pace = { warmUpFactor: 4, warmUpMs: 6_000, afterMs: 6_000 };
const steadyMs = 12_000;

/**
 * One proof, as a sequence of moves that a caller shows as steps: load, plain restart, upgrade, verdict.
 * The restart is measured in the same run, so that the rollout can be held against something.
 */
export async function proveUnderLoad(options: UnderLoadOptions) {
  const { signal, service = theBlog, pace = usualPace, share = 1 } = options;
  const { leastRequests = bounds.requests, watchedLocks = true } = options;
  const adapter = await readAdapter(service.adapter);
  const watch: NamespaceWatch = await watchService(options.cluster, options.namespace, service, signal);
  const context = { ...options, service, watch };
  const most = options.rates ?? usualRates(process.env, share);
  const answered = await warmUp(options.url, adapter, (most.reused + most.new) * pace.warmUpFactor);
  const rates = options.rates ?? ratesFor(answered, share);
  const rate = rates.reused + rates.new;
  const load = await startLoad({
    ...options,
    adapter: service.adapter,
    rates,
    run: `r${Date.now().toString(36)}`,
  });
  const connections = watchConnections(options.url, adapter.list.send().path, options.watchedConnections);
  const errors = keepErrors(
    podLogs(options.cluster, options.namespace, join(options.folder, "logs")),
    watch.timeline,
  );
  const queues = watchedLocks ? watchLockQueues(options.cluster, options.namespace) : undefined;
  const enoughAt = Date.now() + (leastRequests / rate + rampSeconds) * 1_000;
  const wait = (ms: number) => sleep(ms, undefined, signal ? { signal } : {});
  const course: Course = { steadyFrom: 0, troubles: [] };

  /** What fails on the way is a reason in the verdict: the load's figures tell what it did to the clients. */
  async function move(work: () => Promise<void>) {
    if (course.troubles.length > 0) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Failure) || signal?.aborted) throw error;
      course.troubles.push(error.message);
      course.stoppedAt = Date.now();
    }
  }

  return {
    /** What the live view shows, as it grows. */
    timeline: watch.timeline,
    rawFiles: load.rawFiles,
    /** Ends what is still running; harmless after the verdict. */
    async end() {
      load.kill();
      connections.kill();
      errors.stop();
      await queues?.stop();
      await watch.stop();
    },
    async steady(lastingMs = steadyMs) {
      await wait(pace.warmUpMs);
      course.steadyFrom = Date.now();
      await wait(lastingMs);
    },
    restart: (say: Say) =>
      move(async () => {
        course.restart = await plainRestart(context, say);
      }),
    upgrade: (order: Order, say: Say) =>
      move(async () => {
        course.orderedAt = Date.now();
        course.upgrade = await upgrade(context, order, say);
      }),
    /** The Job of a migration alone, while nothing is rolled out. */
    migration: (order: Order, say: Say) =>
      move(async () => {
        course.orderedAt = Date.now();
        course.migration = await migration(context, order, say);
      }),
    /** Backfills and contracts of the upgrade; nothing to wait for where the release has none. */
    contract: (say: Say) =>
      move(async () => {
        const job = course.upgrade?.contractJob;
        if (job) course.contract = await contractEnd(context, job, say);
      }),
    /** `to`: the new release by the name it answers with, where that was not known before. */
    async verdict(say: Say, to = options.to): Promise<Summary> {
      // A light load takes longer to come to what a verdict needs.
      await wait(Math.max(pace.afterMs, enoughAt - Date.now()));
      say("stopping the load");
      const watched = await connections.stop();
      await queues?.stop();
      const totals = await load.stop();
      say("reading every acknowledged write back");
      const raw = await readRaw(load.rawFiles);
      // A service that cannot be read has broken: that is a verdict, with the figures that say how.
      const stored = await readEverything(options.url, adapter).catch((error) => {
        if (!(error instanceof Failure)) throw error;
        course.troubles.push(error.message);
        return undefined;
      });
      const ledger = judgeLedger(raw, stored);
      const evidence = evidenceOf({ from: options.from, to, rate }, course, raw, totals, ledger, watched);
      const { upgrade, migration, orderedAt, stoppedAt } = course;
      if (orderedAt && stoppedAt && (upgrade?.startedAt ?? migration?.from ?? 0) < orderedAt)
        evidence.phases.push(...unfinishedPhases(orderedAt, stoppedAt, watch.timeline));
      const summary = summarise(evidence);
      say("writing the report");
      const environment = options.environment ?? (await environmentOf({ ...options, rates }));
      await writeReport(
        options.reportFolder ?? options.folder,
        recordOf({
          summary,
          answers: raw.answers,
          timeline: watch.timeline,
          environment,
          logged: await errors.end(),
          queued: queues?.seen(),
        }),
      );
      return summary;
    },
  };
}
