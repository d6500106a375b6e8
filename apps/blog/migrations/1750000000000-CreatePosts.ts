import type { MigrationInterface, QueryRunner } from "typeorm";

export class CreatePosts1750000000000 implements MigrationInterface {
  name = "CreatePosts1750000000000";

  async up(runner: QueryRunner): Promise<void> {
    // timestamptz(3): JavaScript dates hold milliseconds, and updated_at is compared with what a client read.
    await runner.query(`
      CREATE TABLE posts (
        id bigint GENERATED ALWAYS AS IDENTITY,
        title text NOT NULL,
        body text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT posts_pkey PRIMARY KEY (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE posts");
  }
}
