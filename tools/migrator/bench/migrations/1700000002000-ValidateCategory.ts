import type { MigrationInterface, QueryRunner } from "typeorm";

export class ValidateCategory1700000002000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts VALIDATE CONSTRAINT posts_category");
  }
  async down(): Promise<void> {}
}
