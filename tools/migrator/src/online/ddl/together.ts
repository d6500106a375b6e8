import type { QueryRunner } from "typeorm";
import { contextOf } from "../context.ts";

/** Statements that must not be seen one without the other: in the migration's transaction, or in one of their own. */
export async function together(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  if (runner.isTransactionActive) return work();
  await runner.startTransaction();
  try {
    await contextOf(runner)?.stillLocked();
    await work();
    await runner.commitTransaction();
  } catch (error) {
    // A session that was lost rolled back by itself, and its own error is the one to report.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}
