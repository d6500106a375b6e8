import { complete, job } from "../test/support/jobs.ts";
import { round } from "./figures.ts";
import { run, until } from "./process.ts";
import type { Stage } from "./stage.ts";

export interface Fleet {
  readonly gates: number;
  /** From Complete to the end of the first and of the last process. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The most LISTs and WATCHes that one gate made. */
  readonly lists: number;
  readonly watches: number;
}

/** So many are started at once: their start is not what is measured. */
const AT_ONCE = 8;

/** Real processes on one Job, as if every pod of a large Deployment waited on this one machine. */
export async function measureFleet({ api, bundle, flags }: Stage, gates: number): Promise<Fleet> {
  const name = "migrate-fleet";
  api.apply(job(name));
  api.requests.length = 0;
  const tokens = Array.from({ length: gates }, (_, n) => `gate-${n}`);
  const running = [];
  for (let from = 0; from < gates; from += AT_ONCE) {
    const batch = tokens
      .slice(from, from + AT_ONCE)
      .map((token) => run(process.execPath, [bundle.path, name, ...flags(token)]));
    running.push(...batch);
    const all = () => api.openWatches() >= running.length;
    await Promise.all(batch.map((one) => until("all of the fleet watched", all, one)));
  }
  const emitted = performance.now();
  api.apply(complete(name));
  const ended = await Promise.all(running.map((one) => one.ended));
  const failed = ended.find(({ code }) => code !== 0);
  if (failed) throw new Error(`a gate of the fleet ended with ${failed.code}`);
  const times = ended.map(({ at }) => at - emitted);
  const most = (verb: string) =>
    Math.max(
      ...tokens.map((token) => api.requests.filter((one) => one.token === token && one.verb === verb).length),
    );
  return {
    gates,
    firstMs: round(Math.min(...times)),
    lastMs: round(Math.max(...times)),
    lists: most("list"),
    watches: most("watch"),
  };
}
