import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * A migration that fails, as they do: it worked on its author's machine, where somebody had once added posts.author
 * by hand. The first statement has done its work by then; it is undone together with the second.
 */
export class IndexPostsByAuthor1768000000000 implements MigrationInterface {
  name = "IndexPostsByAuthor1768000000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts ADD COLUMN summary text");
    await runner.query("CREATE INDEX posts_author_idx ON posts (author)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX IF EXISTS posts_author_idx");
    await runner.query("ALTER TABLE posts DROP COLUMN IF EXISTS summary");
  }
}
