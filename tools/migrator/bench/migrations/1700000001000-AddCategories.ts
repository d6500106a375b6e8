import type { MigrationInterface, QueryRunner } from "typeorm";

export class AddCategories1700000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE TABLE categories (id bigint PRIMARY KEY, slug text NOT NULL UNIQUE)");
    await runner.query("INSERT INTO categories VALUES (1, 'general')");
    await runner.query("ALTER TABLE posts ADD COLUMN category_id bigint");
    await runner.query(
      "ALTER TABLE posts ADD CONSTRAINT posts_category FOREIGN KEY (category_id) REFERENCES categories NOT VALID",
    );
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts DROP COLUMN category_id");
    await runner.query("DROP TABLE categories");
  }
}
