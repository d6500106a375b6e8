import type { MigrationInterface, QueryRunner } from "typeorm";

/** For the list of categories, in its order: the form of every post shows it. */
export class IndexCategoriesByName1780000000000 implements MigrationInterface {
  name = "IndexCategoriesByName1780000000000";
  // CONCURRENTLY waits for open transactions instead of blocking writers, so it cannot run inside one.
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS categories_name_idx ON categories (name, id)",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX CONCURRENTLY IF EXISTS categories_name_idx");
  }
}
