import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What not to do. The first statement takes ACCESS EXCLUSIVE on posts for a moment's work, and the transaction then
 * keeps it while it does something slow: every query on posts, reads too, queues behind it. A lock_timeout does not
 * help, for the lock was granted at once.
 */
export class CountViews1767000000000 implements MigrationInterface {
  name = "CountViews1767000000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts ADD COLUMN views bigint NOT NULL DEFAULT 0");
    await runner.query("UPDATE posts SET views = length(body)");
    // The demo's table is small. This stands for the time which that UPDATE takes on one of millions of rows; longer
    // than the blog lets a statement of its own wait (STATEMENT_TIMEOUT_MS, 5 s).
    await runner.query("SELECT pg_sleep(8)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts DROP COLUMN views");
  }
}
