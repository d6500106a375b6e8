import type { MigrationInterface, QueryRunner } from "typeorm";

export class AddShelves1700000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Not repeatable: a second run would show.
    await runner.query("INSERT INTO runs VALUES ('AddShelves')");
    await runner.query("ALTER TABLE authors ADD COLUMN rank integer NOT NULL DEFAULT 0");
    await runner.query("UPDATE authors SET rank = rank + 1");
    await runner.query(
      "CREATE TABLE shelves AS SELECT i AS id, md5(repeat(i::text, 500)) AS name FROM generate_series(1, 20000) AS i",
    );
    await runner.query("CREATE UNIQUE INDEX shelves_name ON shelves (name, id)");
  }
  async down(): Promise<void> {}
}
