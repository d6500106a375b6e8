import type { MigrationInterface, QueryRunner } from "typeorm";

export class RebuildTitles1700000006000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("REINDEX /* it has grown */ INDEX CONCURRENTLY posts_title");
  }
  async down(): Promise<void> {}
}
