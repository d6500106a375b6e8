import type { QueryRunner } from "typeorm";
import { tableOf } from "./ddl/catalog.ts";
import { type IndexOptions, indexName } from "./ddl/index-definition.ts";
import { dropConcurrently, indexState } from "./ddl/index-state.ts";
import { outsideTransaction, say } from "./ddl/step.ts";

/**
 * Drops an index while the service runs: `DROP INDEX CONCURRENTLY`, under SHARE UPDATE EXCLUSIVE on its table, waiting
 * for transactions that may use it; readers and writers go on. By its name, or by the options it was created with.
 *
 * Needs `transaction = false`; safe to repeat. One that backs a constraint is refused. `down`: `createIndex`.
 */
export async function dropIndex(
  runner: QueryRunner,
  options: Pick<IndexOptions, "schema" | "table" | "name"> & Partial<Pick<IndexOptions, "columns">>,
): Promise<void> {
  outsideTransaction(runner, "dropIndex", "CONCURRENTLY waits for other transactions to end");
  const table = await tableOf(runner, options);
  const name = indexName(options);
  const existing = await indexState(runner, table, name);
  if (existing === undefined) return void say(runner, table, `there is no index ${name}; nothing to do`);
  if (!existing.ours) throw new Error(`${name} is not an index of ${table.label}`);
  if (existing.constraint !== null) {
    throw new Error(
      `the index ${name} stands behind the constraint ${existing.constraint}: drop the constraint instead, and the index goes with it`,
    );
  }
  await dropConcurrently(runner, table, name, "it is not needed any more");
}
