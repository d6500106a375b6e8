import type { QueryRunner } from "typeorm";
import { contextOf } from "../context.ts";
import type { Table } from "./catalog.ts";

export interface Step {
  sql: string;
  /** What happens and why it is safe, for the log. */
  does: string;
  /** The lock it takes, for the log. */
  lock: string;
}

/** Lock waits block whoever comes behind; where the migrator has not set a limit, this is it. */
const lockTimeout = "500ms";

/** A change of the catalog alone: its lock stops others, for the moment it takes. */
export async function briefly(runner: QueryRunner, step: Step): Promise<void> {
  explain(runner, step);
  if (contextOf(runner) === undefined) return withLockTimeout(runner, () => runner.query(step.sql));
  await runner.query(step.sql);
}

/** Work that takes as long as the table is large, under a lock that lets readers and writers through. */
export async function patiently(runner: QueryRunner, step: Step): Promise<void> {
  explain(runner, step);
  await runner.query(step.sql);
}

export const say = (runner: QueryRunner, table: Table, message: string) =>
  contextOf(runner)?.log.info({ table: table.label }, message);

const explain = (runner: QueryRunner, { does, lock }: Step) => contextOf(runner)?.log.info({ lock }, does);

/** TypeORM's own CLI queues for locks as long as it takes, and every query of the service queues behind it. */
async function withLockTimeout(runner: QueryRunner, work: () => Promise<unknown>): Promise<void> {
  const [{ lock_timeout: before }] = await runner.query("SHOW lock_timeout");
  if (before !== "0") return void (await work());
  const inside = runner.isTransactionActive;
  await runner.query(`SET ${inside ? "LOCAL " : ""}lock_timeout = '${lockTimeout}'`);
  try {
    await work();
  } finally {
    // A transaction's own setting ends with it.
    if (!inside) await runner.query("RESET lock_timeout");
  }
}

/** A short, strong lock of one step would be held, inside a transaction, while the next one reads the table. */
export function outsideTransaction(runner: QueryRunner, helper: string, why: string): void {
  if (!runner.isTransactionActive) return;
  throw new Error(
    `${helper} cannot run inside a transaction (${why}): give the migration the property transaction = false`,
  );
}

export const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
