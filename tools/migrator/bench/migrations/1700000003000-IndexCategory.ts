import type { MigrationInterface, QueryRunner } from "typeorm";

export class IndexCategory1700000003000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_category_created ON posts (category_id, created_at DESC)",
    );
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX CONCURRENTLY IF EXISTS posts_category_created");
  }
}
