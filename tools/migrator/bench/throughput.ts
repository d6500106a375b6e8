import type { ScratchPostgres } from "@schema-rollout/scratch-postgres";
import { offsetBatches, plainUpdate } from "./contenders.ts";
import { bytesPerRow, createDatabase, dropDatabase, fillPosts, urlOf, withClient } from "./database.ts";
import { median, round, short } from "./figures.ts";
import type { Program } from "./program.ts";

export interface Throughput {
  rows: number;
  bytesPerRow: number;
  rounds: number;
  /** Rows per second, medians over the rounds. */
  plain: number;
  /** Of the whole process: start, lock, checks, batches, sweep, record. */
  ours: number;
  /** Of the backfill inside it, as its log says. */
  oursInside: number;
  offset: number;
  /** OFFSET was stopped after this many rows. */
  offsetRows: number;
  ratio: number;
  ratioInside: number;
  peakMb: number | undefined;
  /** Of the backfill's time, how much it rested because the server was slow: on a quiet machine nothing. */
  rested: number;
}

const backfill = "FillCategory1700000004000";
const lastExpand = "IndexCategory1700000003000";
const offsetCapMs = 60_000;

/** The three, one after the other, on copies of the same database, as many rounds as the size allows. */
export async function measureThroughput(
  server: ScratchPostgres,
  program: Program,
  rows: number,
): Promise<Throughput> {
  const rounds = rows <= 100_000 ? 5 : 3;
  const bytes = await prepareTemplate(server, program, rows);
  const seen = {
    plain: [] as number[],
    ours: [] as number[],
    inside: [] as number[],
    offset: [] as number[],
  };
  const peaks: number[] = [];
  const rests: number[] = [];
  let offsetRows = rows;
  for (let i = 0; i < rounds; i += 1) {
    seen.plain.push(rows / (await timedOn(server, (url) => withClient(url, plainUpdate))));
    await createDatabase(server, "bench", "bench_template");
    const run = await program.run(["backfill", backfill], urlOf(server, "bench"));
    await allDone(server);
    seen.ours.push(rows / run.durationMs);
    const { durationMs, restedMs } = toldBy(run.log);
    seen.inside.push(rows / durationMs);
    rests.push(restedMs / durationMs);
    if (run.peakMb !== undefined) peaks.push(run.peakMb);
    // At sizes where one round takes minutes, one is enough to see its shape.
    if (i > 0 && rows > 100_000) continue;
    const ms = await timedOn(server, (url) =>
      withClient(url, async (client) => {
        offsetRows = await offsetBatches(client, rows, offsetCapMs);
      }),
    );
    seen.offset.push(offsetRows / ms);
  }
  await dropDatabase(server, "bench");
  await dropDatabase(server, "bench_template");
  const perSecond = (values: number[]) => round(median(values) * 1000);
  return {
    rows,
    bytesPerRow: bytes,
    rounds,
    plain: perSecond(seen.plain),
    ours: perSecond(seen.ours),
    oursInside: perSecond(seen.inside),
    offset: perSecond(seen.offset),
    offsetRows,
    ratio: round(median(seen.ours) / median(seen.plain), 2),
    ratioInside: round(median(seen.inside) / median(seen.plain), 2),
    peakMb: peaks.length > 0 ? round(Math.max(...peaks)) : undefined,
    rested: round(median(rests), 2),
  };
}

async function prepareTemplate(server: ScratchPostgres, program: Program, rows: number): Promise<number> {
  await createDatabase(server, "bench_template");
  const url = urlOf(server, "bench_template");
  await program.run(["up", "--to", lastExpand], url);
  return withClient(url, async (client) => {
    await fillPosts(client, rows);
    await client.query("VACUUM (ANALYZE) posts");
    return bytesPerRow(client, rows);
  });
}

async function timedOn(server: ScratchPostgres, work: (url: string) => Promise<void>): Promise<number> {
  await createDatabase(server, "bench", "bench_template");
  const started = performance.now();
  await work(urlOf(server, "bench"));
  return performance.now() - started;
}

/** A backfill that is quick because it leaves rows out is none. */
const allDone = (server: ScratchPostgres) =>
  withClient(urlOf(server, "bench"), async (client) => {
    const { rows } = await client.query("SELECT 1 FROM posts WHERE category_id IS NULL LIMIT 1");
    if (rows.length > 0) throw new Error("The backfill left rows without a category.");
  });

function toldBy(log: readonly Record<string, unknown>[]) {
  const line = log.find((entry) => String(entry.message).startsWith("backfill of posts is done"));
  if (line === undefined) throw new Error("The migrator did not say how long the backfill took.");
  return { durationMs: Number(line.durationMs), restedMs: Number(line.restedMs) };
}

export function showThroughput(results: readonly Throughput[], withHead: boolean): string {
  const head =
    "rows    bytes  plain UPDATE   ours (whole process)   ours (backfill)      OFFSET batches      ours rested, most memory";
  const lines = results.map((result) =>
    [
      short(result.rows).padEnd(6),
      String(result.bytesPerRow).padStart(6),
      `${perSecond(result.plain)}`,
      `${perSecond(result.ours)} = ${percent(result.ratio)}`.padStart(22),
      `${perSecond(result.oursInside)} = ${percent(result.ratioInside)}`.padStart(18),
      `${perSecond(result.offset)} = ${percent(result.offset / result.plain)}${result.offsetRows < result.rows ? ` (stopped after ${short(result.offsetRows)})` : ""}`,
      `rested ${percent(result.rested)}, ${result.peakMb ?? "?"} MB`,
    ].join("  "),
  );
  return [...(withHead ? [head] : []), ...lines].join("\n");
}

const perSecond = (rows: number) => `${String(Math.round(rows)).padStart(7)}/s`;
const percent = (ratio: number) => `${Math.round(ratio * 100)} %`;
