import type { MigrationInterface, QueryRunner } from "typeorm";

export class RequireAuthors1700000010000 implements MigrationInterface {
  phase = "contract" as const;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("INSERT INTO runs VALUES ('RequireAuthors')");
    await runner.query("ALTER TABLE posts ALTER COLUMN author_id SET NOT NULL");
  }
  async down(): Promise<void> {}
}
