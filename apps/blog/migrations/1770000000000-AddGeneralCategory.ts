import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Expand: the category of posts for which nobody chose one. The code of v3 finds it by its slug and puts it on every
 * post it writes, so it has to be there before that code runs. The release before sees one more category.
 */
export class AddGeneralCategory1770000000000 implements MigrationInterface {
  name = "AddGeneralCategory1770000000000";

  async up(runner: QueryRunner): Promise<void> {
    // Someone may have made a category of that name already: then it is the one.
    await runner.query(
      "INSERT INTO categories (slug, name) VALUES ('general', 'General') ON CONFLICT (slug) DO NOTHING",
    );
  }

  async down(): Promise<void> {
    // It stays: people may have chosen it, and deleting it would take their choice away.
  }
}
