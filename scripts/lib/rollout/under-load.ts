import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/index.ts";
import { judgeLedger } from "../load/ledger.ts";
import { readRaw } from "../load/raw.ts";
import { readAllPosts } from "../load/read-back.ts";
import { startLoad } from "../load/run.ts";
import { type Evidence, type Summary, summarise } from "../load/summary.ts";
import type { Say } from "../progress.ts";
import { type Order, phase, plainRestart, type Rollout, seconds, type Upgrade, upgrade } from "./upgrade.ts";
import { type NamespaceWatch, watchBlog } from "./watch.ts";

export interface UnderLoadOptions {
  cluster: Cluster;
  namespace: string;
  url: string;
  k6: string;
  from: string;
  to: string;
  replicas: number;
  /** Folder of the raw output. */
  folder: string;
  signal?: AbortSignal | undefined;
}

export type Proof = Awaited<ReturnType<typeof proveUnderLoad>>;

/** Requests per second. A fifth opens a new connection each, the rest keep theirs. */
const rates = { reused: 180, new: 45 };
const warmUpMs = 4_000;
const steadyMs = 12_000;
/** How long the load goes on after the last old pod is gone. */
const afterMs = 4_000;

/**
 * One proof, as a sequence of moves that a caller shows as steps: load, plain restart, upgrade, verdict.
 * The restart is measured in the same run, so that the rollout can be held against something.
 */
export async function proveUnderLoad(options: UnderLoadOptions) {
  const watch: NamespaceWatch = await watchBlog(options.cluster, options.namespace, options.signal);
  const context = { ...options, watch };
  const load = await startLoad({ ...options, rates, run: `r${Date.now().toString(36)}` });
  let steadyFrom = 0;
  let restart: Rollout;
  let moved: Upgrade;
  return {
    watch,
    /** Ends what is still running; harmless after the verdict. */
    async end() {
      load.kill();
      await watch.stop();
    },
    async steady() {
      await sleep(warmUpMs, undefined, options.signal ? { signal: options.signal } : {});
      steadyFrom = Date.now();
      await sleep(steadyMs, undefined, options.signal ? { signal: options.signal } : {});
    },
    async restart(say: Say) {
      restart = await plainRestart(context, say);
    },
    async upgrade(order: Order, say: Say) {
      moved = await upgrade(context, order, say);
    },
    async verdict(say: Say): Promise<Summary> {
      await sleep(afterMs);
      say("stopping the load");
      const totals = await load.stop();
      say("reading every acknowledged write back");
      const raw = await readRaw(load.rawFiles);
      const ledger = judgeLedger(raw, await readAllPosts(options.url));
      const evidence: Evidence = {
        from: options.from,
        to: options.to,
        answers: raw.answers,
        cutOff: raw.cutOff.length,
        unreadableLines: raw.unreadable.length,
        totals,
        ledger,
        phases: [
          phase("steady", steadyFrom, restart.startedAt),
          phase("plainRestart", restart.startedAt, restart.oldGoneAt),
          phase("migrating", moved.startedAt, moved.openedAt),
          phase("rollout", moved.openedAt, moved.oldGoneAt),
        ],
        lastOldPodGoneAt: moved.oldGoneAt,
        plainRestartSeconds: seconds(restart.startedAt, restart.readyAt),
        rolloutSeconds: seconds(moved.openedAt, moved.readyAt),
      };
      return summarise(evidence);
    },
  };
}
