import { batched } from "@schema-rollout/migrator/online";
import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Backfill: posts without a category get the general one, while both releases serve. A post that somebody files
 * meanwhile no longer meets the condition and is left alone; one that v2 writes without a category afterwards is
 * left to the contract's sweep. updated_at stays: nobody edited the post, and whoever is editing it now has not
 * missed anything.
 */
export class CategorisePosts1770000000001 implements MigrationInterface {
  name = "CategorisePosts1770000000001";
  phase = "backfill" as const;
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await batched(runner, {
      table: "posts",
      set: "category_id = (SELECT id FROM categories WHERE slug = 'general')",
      where: "category_id IS NULL",
    });
  }

  async down(): Promise<void> {
    // Which posts had none is not known any more, and every release can read a post with a category.
  }
}
