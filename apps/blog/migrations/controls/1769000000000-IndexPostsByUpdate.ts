import type { MigrationInterface, QueryRunner } from "typeorm";

/** A migration that takes long and blocks nobody, as building an index CONCURRENTLY on a large table does. */
export class IndexPostsByUpdate1769000000000 implements MigrationInterface {
  name = "IndexPostsByUpdate1769000000000";
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // The demo's table is small. This stands for the time the index would take: no lock on any table is held.
    await runner.query("SELECT pg_sleep(25)");
    await runner.query(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_updated_at_idx ON posts (updated_at DESC, id DESC)",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX CONCURRENTLY IF EXISTS posts_updated_at_idx");
  }
}
