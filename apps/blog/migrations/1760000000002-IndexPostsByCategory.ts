import type { MigrationInterface, QueryRunner } from "typeorm";

/** For the posts of one category, newest first, and for the foreign key's own look-ups when a category goes. */
export class IndexPostsByCategory1760000000002 implements MigrationInterface {
  name = "IndexPostsByCategory1760000000002";
  // CONCURRENTLY waits for open transactions instead of blocking writers, so it cannot run inside one.
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // IF NOT EXISTS for a run that ended between the index and its record. An index left invalid by an interrupted
    // build would pass for the finished one; the migrator drops such a one before it gets here.
    await runner.query(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_category_id_idx ON posts (category_id, id DESC)",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX CONCURRENTLY IF EXISTS posts_category_id_idx");
  }
}
