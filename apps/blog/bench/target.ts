import { readFile } from "node:fs/promises";

/** A blog in a process of its own. */
export interface Target {
  url: string;
  metricsUrl: string;
  pid: number;
}

export interface Figures {
  residentMiB: number;
  /** The longest that the event loop kept anybody waiting since the figures before. */
  longestDelayMs: number;
}

export async function figuresOf({ metricsUrl }: Target): Promise<Figures> {
  // A connection kept could be closed just while this process is busy making requests up.
  const text = await (await fetch(metricsUrl, { headers: { connection: "close" } })).text();
  const figure = (name: string) => Number(new RegExp(`^${name}{[^}]*} (\\S+)`, "m").exec(text)?.[1]);
  return {
    residentMiB: figure("process_resident_memory_bytes") / 2 ** 20,
    longestDelayMs: figure("nodejs_eventloop_lag_max_seconds") * 1000,
  };
}

/** What the event loop's thread has computed so far: unlike a delay, nothing that others do to the machine is in it. */
export async function computedMs({ pid }: Target): Promise<number> {
  const [nanoseconds] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, "utf8")).split(" ");
  return Number(nanoseconds) / 1e6;
}

/** Notes the worst of what is seen until it is stopped. */
export function watch(target: Target, everyMs = 250) {
  const worst: Figures = { residentMiB: 0, longestDelayMs: 0 };
  let over = false;
  const look = async () => {
    const now = await figuresOf(target);
    worst.residentMiB = Math.max(worst.residentMiB, now.residentMiB);
    worst.longestDelayMs = Math.max(worst.longestDelayMs, now.longestDelayMs);
  };
  const looking = (async () => {
    while (!over) {
      await look();
      await new Promise((done) => setTimeout(done, everyMs));
    }
  })();
  return async (): Promise<Figures> => {
    over = true;
    await looking;
    await look();
    return worst;
  };
}
