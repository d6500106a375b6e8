import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What not to do. A rename is instant and needs one short lock, yet every running replica of the older release
 * still asks for `body` and fails from this moment on. The demo deploys it to show that its checks can go red.
 */
export class RenamePostBody1765000000000 implements MigrationInterface {
  name = "RenamePostBody1765000000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts RENAME COLUMN body TO content");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE posts RENAME COLUMN content TO body");
  }
}
