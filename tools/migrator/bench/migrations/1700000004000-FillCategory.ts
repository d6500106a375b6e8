import { batched } from "@schema-rollout/migrator/online";
import type { MigrationInterface, QueryRunner } from "typeorm";

export class FillCategory1700000004000 implements MigrationInterface {
  phase = "backfill" as const;
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await batched(runner, {
      table: "posts",
      set: "category_id = (SELECT id FROM categories WHERE slug = 'general')",
      where: "category_id IS NULL",
    });
  }
  async down(): Promise<void> {}
}
