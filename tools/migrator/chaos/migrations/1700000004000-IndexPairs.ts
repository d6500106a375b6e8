import type { MigrationInterface, QueryRunner } from "typeorm";

/** Two statements without IF NOT EXISTS, and comments where nobody expects them. */
export class IndexPairs1700000004000 implements MigrationInterface {
  transaction = false;
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX CONCURRENTLY posts_newest
        -- newest first; for the list
        ON posts /* every one, /* drafts; too */ */ (md5(repeat(title, 100)), id DESC)`);
    await runner.query(`
      /* a token is given once */ CREATE UNIQUE INDEX -- so that nobody waits
        CONCURRENTLY posts_token ON posts (token, md5(repeat(title, 20)))`);
  }
  async down(): Promise<void> {}
}
