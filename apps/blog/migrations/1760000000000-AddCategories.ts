import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Expand, first step. Everything here changes only the catalog, so each lock is held for milliseconds:
 * a nullable column without a default rewrites nothing, and NOT VALID keeps the new foreign key from reading
 * the posts that are there (the next migration does that under a lock which lets writers through).
 */
export class AddCategories1760000000000 implements MigrationInterface {
  name = "AddCategories1760000000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE categories (
        id bigint GENERATED ALWAYS AS IDENTITY,
        slug text NOT NULL,
        name text NOT NULL,
        CONSTRAINT categories_pkey PRIMARY KEY (id),
        CONSTRAINT categories_slug_key UNIQUE (slug)
      )`);
    // One statement, one lock on posts: the column and its foreign key come together.
    await runner.query(`
      ALTER TABLE posts
        ADD COLUMN category_id bigint,
        ADD CONSTRAINT posts_category_id_fkey
          FOREIGN KEY (category_id) REFERENCES categories (id) ON DELETE SET NULL NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts DROP COLUMN category_id");
    await runner.query("DROP TABLE categories");
  }
}
