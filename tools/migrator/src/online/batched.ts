import type { QueryRunner } from "typeorm";
import { note } from "../backfill/backfill.ts";
import { type Checkpoint, readCheckpoint } from "../backfill/checkpoint.ts";
import { defaultPace, type Pace } from "../backfill/pace.ts";
import { runPasses } from "../backfill/passes.ts";
import { type Query, queryOf } from "../backfill/query.ts";
import { findTarget, type Target } from "../backfill/target.ts";
import { createThrottle } from "../backfill/throttle.ts";
import { contextOf, type MigrationContext } from "./context.ts";

export interface BatchedSpec {
  /** The table, as SQL writes it: with its schema and quotes where it needs them. */
  table: string;
  /** Columns of a unique, not-null key to visit the rows by; the primary key when not given. */
  key?: readonly string[];
  /** What follows SET in the UPDATE. */
  set: string;
  /** What is still to do. It must become false by `set`, and is looked at again under each row's lock. */
  where: string;
  /** Tells the backfills of one migration apart; needed where there is more than one. */
  name?: string;
  batch?: Partial<Pace>;
}

export interface BatchedResult {
  /** Rows changed, also by runs that were interrupted. */
  rows: number;
}

/**
 * UPDATE … SET … WHERE …, in batches that commit one by one while the service reads and writes the table. It goes on
 * where an interrupted run stopped. The migration must say `transaction = false`.
 */
export async function batched(runner: QueryRunner, spec: BatchedSpec): Promise<BatchedResult> {
  const { table } = spec;
  if (runner.isTransactionActive) {
    throw new Error(
      `the backfill of ${table} commits each batch by itself, so its migration must say transaction = false`,
    );
  }
  const query = queryOf(runner);
  const target = await findTarget(query, table, spec.key);
  return unfiltered(query, () => run(runner, query, target, spec));
}

/** An error, instead of rows left out, where row-level security hides some of a table that the migration's SQL reads. */
async function unfiltered<T>(query: Query, work: () => Promise<T>): Promise<T> {
  const set = "SELECT set_config('row_security', $1, false)";
  const [before] = await query<{ value: string }>("SELECT current_setting('row_security') AS value");
  await query(set, ["off"]);
  try {
    return await work();
  } finally {
    // Where even this fails the session is lost; the first error counts.
    await query(set, [before?.value]).catch(() => undefined);
  }
}

async function run(
  runner: QueryRunner,
  query: Query,
  target: Target,
  spec: BatchedSpec,
): Promise<BatchedResult> {
  const context = contextOf(runner);
  const { table, set, where } = spec;
  const name = [context?.migration, spec.name].filter(Boolean).join("/");
  const pace = { ...defaultPace, ...spec.batch, ...context?.pace };
  const checkpoint = await startingPoint(query, context, name, target);
  const backfill = {
    runner,
    query,
    context,
    name,
    target,
    change: { set, where },
    pace,
    throttle: createThrottle(context, pace),
    checkpoint,
    size: Math.min(pace.initial, pace.max),
  };
  const started = performance.now();
  await runPasses(backfill);
  await note(backfill, { state: "done" });
  const rows = backfill.checkpoint.rowsDone;
  const seconds = (performance.now() - started) / 1000;
  const rowsPerSecond = Math.round((rows - checkpoint.rowsDone) / seconds);
  context?.log.info(
    {
      rowsDone: rows,
      rowsPerSecond,
      durationMs: Math.round(seconds * 1000),
      restedMs: backfill.throttle.restedMs(),
    },
    `backfill of ${table} is done`,
  );
  return { rows };
}

/** The checkpoint of an interrupted run, or a new one. */
async function startingPoint(
  query: Query,
  context: MigrationContext | undefined,
  name: string,
  target: Target,
): Promise<Checkpoint> {
  const of = `${target.table} (${target.key.map((column) => column.name).join(", ")})`;
  const saved = context && (await readCheckpoint(query, { table: context.backfillTable, name }));
  if (saved?.cursor.of === of) {
    context?.log.info(
      { rowsDone: saved.rowsDone, after: saved.cursor.after },
      `going on with the backfill of ${of}`,
    );
    return saved;
  }
  if (saved) {
    context?.log.warn(
      { checkpoint: name, of: saved.cursor.of },
      `the checkpoint ${name} belongs to another table or key, so ${of} starts from its first row; give each backfill of a migration its own name`,
    );
  }
  return {
    cursor: { of, scanned: 0 },
    rowsDone: 0,
    estimate: await estimateRows(query, target),
    state: "running",
  };
}

/** The planner's guess from the table's size: there also before the first ANALYZE. */
async function estimateRows(query: Query, { table }: Target): Promise<number> {
  const [row] = await query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT FROM ${table}`,
  );
  return row?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}
