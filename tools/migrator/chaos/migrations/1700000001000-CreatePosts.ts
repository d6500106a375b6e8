import type { MigrationInterface, QueryRunner } from "typeorm";

/** What is there before; the harness fills it with rows. */
export class CreatePosts1700000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE TABLE authors (id bigint PRIMARY KEY, name text NOT NULL)");
    await runner.query(`CREATE TABLE posts (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      title text NOT NULL,
      token text NOT NULL,
      edits integer NOT NULL DEFAULT 0,
      author_id bigint)`);
    await runner.query(
      "ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES authors NOT VALID",
    );
    // Takes long to prove.
    await runner.query(
      "ALTER TABLE posts ADD CONSTRAINT posts_digest CHECK (md5(repeat(title, 60)) <> '') NOT VALID",
    );
    // Each change of an author leaves a line, so one that was made twice leaves two.
    await runner.query("CREATE TABLE changed (id bigint NOT NULL)");
    await runner.query(
      `CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS
       $$ BEGIN INSERT INTO changed VALUES (NEW.id); RETURN NULL; END $$`,
    );
    await runner.query(
      `CREATE TRIGGER note_change AFTER UPDATE OF author_id ON posts FOR EACH ROW
       WHEN (OLD.author_id IS DISTINCT FROM NEW.author_id) EXECUTE FUNCTION note_change()`,
    );
    await runner.query("CREATE TABLE runs (migration text NOT NULL)");
    await runner.query("CREATE TABLE events (id bigint, year integer NOT NULL) PARTITION BY LIST (year)");
    await runner.query("CREATE TABLE events_2024 PARTITION OF events FOR VALUES IN (2024)");
    await runner.query("CREATE TYPE mood AS ENUM ('calm')");
  }
  async down(): Promise<void> {}
}
