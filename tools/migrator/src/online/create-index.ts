import type { QueryRunner } from "typeorm";
import { contextOf } from "./context.ts";
import { type Table, tableOf } from "./ddl/catalog.ts";
import { onEmptyCopy } from "./ddl/empty-copy.ts";
import { type IndexOptions, indexName, shapeOf, valueSql } from "./ddl/index-definition.ts";
import { dropConcurrently, type IndexState, indexState, shapeOnCopy } from "./ddl/index-state.ts";
import { quote } from "./ddl/names.ts";
import { duplicates, offendingRows } from "./ddl/offending.ts";
import { differs } from "./ddl/proven.ts";
import { codeOf, outsideTransaction, patiently, say } from "./ddl/step.ts";

export type { IndexOptions, IndexPart } from "./ddl/index-definition.ts";

/**
 * Builds an index while the service runs: `CREATE INDEX CONCURRENTLY`, under SHARE UPDATE EXCLUSIVE as long as reading
 * the table twice and waiting for older transactions takes; readers and writers go on.
 *
 * Needs `transaction = false`; safe to repeat: an index that is there is compared with the wanted one, an invalid one
 * that an interrupted build left is dropped and built again, a valid one that is different is refused.
 * Rows that break a unique index are counted and named, and no index is left. `down`: `dropIndex` with the same options.
 */
export async function createIndex(runner: QueryRunner, options: IndexOptions): Promise<void> {
  outsideTransaction(runner, "createIndex", "CONCURRENTLY waits for other transactions to end");
  const table = await tableOf(runner, options);
  if (table.partitioned) {
    throw new Error(
      `${table.label} is partitioned, which CREATE INDEX CONCURRENTLY cannot handle: create the index ON ONLY ${table.label}, call createIndex for each partition and attach them`,
    );
  }
  const name = indexName(options);
  const existing = await indexState(runner, table, name);
  if (existing !== undefined) {
    if (await usable(runner, table, name, existing, options))
      return void say(runner, table, `the index ${name} is there; nothing to do`);
    await dropConcurrently(runner, table, name, "an interrupted build left it invalid");
  }
  await build(runner, table, name, options);
}

/** True when the index is what is wanted, false when it is the rest of an interrupted build. */
async function usable(
  runner: QueryRunner,
  table: Table,
  name: string,
  { ours, valid, unique, beingBuilt, shape }: IndexState,
  options: IndexOptions,
): Promise<boolean> {
  if (!ours)
    throw new Error(
      `the name ${name} is taken in the schema ${table.schema}, and not by an index of ${table.label}`,
    );
  // The executor takes this for a lock that was not granted, and tries again.
  if (beingBuilt)
    throw Object.assign(new Error(`another session is building the index ${name} right now`), {
      code: "55P03",
    });
  if (!valid) return false;
  const create = `CREATE ${options.unique ? "UNIQUE " : ""}INDEX ${quote(name)} ON`;
  const wanted = await onEmptyCopy(runner, table, async (copy) => {
    await runner.query(`${create} ${copy} ${shapeOf(options)}`);
    return shapeOnCopy(runner, name);
  });
  const found = `${unique ? "UNIQUE " : ""}${shape}`;
  const asked = `${options.unique ? "UNIQUE " : ""}${wanted}`;
  if (found !== asked) throw differs(table, name, found, asked);
  return true;
}

async function build(runner: QueryRunner, table: Table, name: string, options: IndexOptions): Promise<void> {
  try {
    await patiently(runner, {
      sql: `CREATE ${options.unique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${quote(name)} ON ${table.sql} ${shapeOf(options)}`,
      does: `building the index ${name} on ${table.label}: the table is read twice while readers and writers go on`,
      lock: `SHARE UPDATE EXCLUSIVE on ${table.label}`,
    });
  } catch (error) {
    // The migrator has dropped what a failed build leaves; without it that is up to us.
    if (contextOf(runner) === undefined) await dropConcurrently(runner, table, name, "its build failed");
    if (codeOf(error) !== "23505") throw error;
    const rows = await offendingRows(
      runner,
      table,
      duplicates(table, options.columns.map(valueSql), options),
    );
    throw new Error(
      `the unique index ${name} of ${table.label} cannot be built: ${rows ?? "rows written meanwhile"} with the values of another row. Nothing is left of it. Repair the rows, then run again`,
      { cause: error },
    );
  }
}
