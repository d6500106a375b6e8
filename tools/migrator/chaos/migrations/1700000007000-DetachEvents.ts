import type { MigrationInterface, QueryRunner } from "typeorm";

export class DetachEvents1700000007000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY");
  }
  async down(): Promise<void> {}
}
