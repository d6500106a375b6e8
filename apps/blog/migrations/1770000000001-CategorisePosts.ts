import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Backfill: posts without a category get the general one, while both releases serve. A row that somebody files
 * meanwhile no longer meets the condition and is left alone; one that v2 still writes without a category is left to
 * the contract's last sweep.
 */
export class CategorisePosts1770000000001 implements MigrationInterface {
  name = "CategorisePosts1770000000001";
  phase = "backfill" as const;
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "UPDATE posts SET category_id = (SELECT id FROM categories WHERE slug = 'general') WHERE category_id IS NULL",
    );
  }

  async down(): Promise<void> {
    // Which posts had none is not known any more, and every release can read a post with a category.
  }
}
