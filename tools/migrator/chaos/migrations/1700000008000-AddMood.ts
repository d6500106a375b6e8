import type { MigrationInterface, QueryRunner } from "typeorm";

export class AddMood1700000008000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TYPE mood ADD VALUE 'merry'");
  }
  async down(): Promise<void> {}
}
