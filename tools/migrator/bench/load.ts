import pg from "pg";
import { percentile, round } from "./figures.ts";

/** One request: when it was due, and how long after that it was answered. */
interface Sample {
  at: number;
  ms: number;
  write: boolean;
}

export interface Load {
  /** Latencies of the writes that were due between two moments. */
  writes(from: number, to: number): Latency;
  failed(): number;
  stop(): Promise<void>;
}

export interface Latency {
  requests: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const writesPerSecond = 200;
const readsPerSecond = 200;
const mix: ((rows: number) => [string, unknown[]])[] = [
  ...Array(6).fill((rows: number) => [
    "UPDATE posts SET body = 'edited ' || $2::text, updated_at = now() WHERE id = $1",
    [any(rows), Math.random().toString(36)],
  ]),
  ...Array(3).fill(() => ["INSERT INTO posts (title, body) VALUES ('new', $1)", ["x".repeat(180)]]),
  (rows) => ["DELETE FROM posts WHERE id = $1", [any(rows)]],
];
const read = (rows: number): [string, unknown[]] => [
  "SELECT id, title, body, created_at, updated_at FROM posts WHERE id = $1",
  [any(rows)],
];

const any = (rows: number) => 1 + Math.floor(Math.random() * rows);

/**
 * What a service that knows nothing of the migration does, in an open model: a request is due when it is due, whether
 * the ones before it were answered or not, so a stall is counted for every request it held up.
 */
export function startLoad(url: string, rows: number): Load {
  const pool = new pg.Pool({ connectionString: url, application_name: "bench-app", max: 40 });
  const samples: Sample[] = [];
  const running = new Set<Promise<void>>();
  let failures = 0;

  const request = (write: boolean, at: number) => {
    const [sql, values] = write ? (mix[Math.floor(Math.random() * mix.length)] ?? read)(rows) : read(rows);
    const one = pool
      .query(sql, values)
      .catch((error) => {
        failures += 1;
        console.error(`a query of the load failed: ${error.message}`);
      })
      .then(() => {
        samples.push({ at, ms: performance.now() - at, write });
        running.delete(one);
      });
    running.add(one);
  };
  const every = (perSecond: number, write: boolean) => {
    let due = performance.now();
    return setInterval(() => {
      for (; due <= performance.now(); due += 1000 / perSecond) request(write, due);
    }, 2);
  };
  const timers = [every(writesPerSecond, true), every(readsPerSecond, false)];
  return {
    failed: () => failures,
    writes(from, to) {
      const ms = samples.filter((one) => one.write && one.at >= from && one.at < to).map((one) => one.ms);
      return {
        requests: ms.length,
        p50Ms: round(percentile(ms, 50), 1),
        p99Ms: round(percentile(ms, 99), 1),
        maxMs: round(Math.max(0, ...ms), 1),
      };
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
      await pool.end();
    },
  };
}
