import { batched } from "@schema-rollout/migrator/online";
import type { MigrationInterface, QueryRunner } from "typeorm";

export class FillAuthors1700000009000 implements MigrationInterface {
  phase = "backfill" as const;
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await batched(runner, {
      table: "posts",
      set: "author_id = 1 + id % 5",
      where: "author_id IS NULL",
      batch: { initial: 100, max: 150, throttle: false },
    });
  }
  async down(): Promise<void> {}
}
