import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Contract: no release is alive any more that writes posts without a category. Outside a transaction, so that no
 * step's lock is held during the next; each of them can be repeated.
 */
export class RequireCategory1770000000002 implements MigrationInterface {
  name = "RequireCategory1770000000002";
  phase = "contract" as const;
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "UPDATE posts SET category_id = (SELECT id FROM categories WHERE slug = 'general') WHERE category_id IS NULL",
    );
    await runner.query("ALTER TABLE posts ALTER COLUMN category_id SET NOT NULL");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts ALTER COLUMN category_id DROP NOT NULL");
  }
}
