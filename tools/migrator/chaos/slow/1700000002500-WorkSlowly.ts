import { setTimeout as sleep } from "node:timers/promises";
import type { MigrationInterface, QueryRunner } from "typeorm";

/** A transaction with long statements, and thought in between. */
export class WorkSlowly1700000002500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE TABLE slow (id bigint)");
    for (let i = 0; i < 8; i += 1) {
      await runner.query("SELECT pg_sleep(0.4)");
      await sleep(100);
      await runner.query(`INSERT INTO slow VALUES (${i})`);
    }
  }
  async down(): Promise<void> {}
}
