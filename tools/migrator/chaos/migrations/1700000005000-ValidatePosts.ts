import type { MigrationInterface, QueryRunner } from "typeorm";

export class ValidatePosts1700000005000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts VALIDATE CONSTRAINT posts_digest");
    await runner.query("ALTER TABLE posts VALIDATE /* the foreign key */ CONSTRAINT posts_author");
  }
  async down(): Promise<void> {}
}
