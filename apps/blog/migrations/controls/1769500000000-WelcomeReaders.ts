import type { MigrationInterface, QueryRunner } from "typeorm";

/** A migration that must run once, as those that change data often must: every run adds one more post. */
export class WelcomeReaders1769500000000 implements MigrationInterface {
  name = "WelcomeReaders1769500000000";

  async up(runner: QueryRunner): Promise<void> {
    // Stands for the time which working on many rows would take; no lock on any table is held.
    await runner.query("SELECT pg_sleep(3)");
    await runner.query("INSERT INTO posts (title, body) VALUES ('Welcome', 'Good to have you here.')");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DELETE FROM posts WHERE title = 'Welcome'");
  }
}
