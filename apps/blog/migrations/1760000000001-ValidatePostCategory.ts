import type { MigrationInterface, QueryRunner } from "typeorm";

/** Reads every post, under SHARE UPDATE EXCLUSIVE: readers and writers go on meanwhile. */
export class ValidatePostCategory1760000000001 implements MigrationInterface {
  name = "ValidatePostCategory1760000000001";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts VALIDATE CONSTRAINT posts_category_id_fkey");
  }

  async down(): Promise<void> {
    // A constraint cannot be made unproven, and a proven one harms no older release.
  }
}
