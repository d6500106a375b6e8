import type { MigrationInterface, QueryRunner } from "typeorm";

export class IndexTitles1700000003000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (md5(repeat(title, 150)))",
    );
  }
  async down(): Promise<void> {}
}
