import { join } from "node:path";
import { DataSource } from "typeorm";
import { expect, onTestFinished, test } from "vitest";
import { buildMigrations } from "../src/index.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";
import {
  addAuthor,
  createPosts,
  fileOf,
  indexTitles,
  migrationsFolder,
  type Source,
  temporaryFolder,
} from "./support/folder.ts";

/** TypeORM as its own CLI sets it up, with the same migration files. */
async function typeorm(url: string, dir: string, ...sources: Source[]): Promise<DataSource> {
  const dataSource = await new DataSource({
    type: "postgres",
    url,
    migrationsTransactionMode: "each",
    migrations: sources.map((source) => `${dir}/${fileOf(source)}`),
  }).initialize();
  onTestFinished(() => dataSource.destroy());
  return dataSource;
}

test("takes over a database that TypeORM migrated, and goes on from there", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts, addAuthor, indexTitles);
  const cli = await typeorm(database.url, dir, createPosts, addAuthor);
  await cli.runMigrations();

  const run = await migrator(["up", "--json"], { url: database.url, dir });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({
    adopted: [createPosts.name, addAuthor.name],
    applied: [{ name: indexTitles.name }],
  });
  // From now on an edit of what TypeORM applied is noticed.
  const edited = await migrationsFolder({ ...createPosts, up: "SELECT 1" }, addAuthor, indexTitles);
  expect((await migrator(["up"], { url: database.url, dir: edited })).code).toBe(21);
});

test("leaves a database that TypeORM goes on with: show, run and revert", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(createPosts, addAuthor, indexTitles);
  await migrator(["up", "--to", addAuthor.name], { url: database.url, dir });

  const cli = await typeorm(database.url, dir, createPosts, addAuthor, indexTitles);
  expect(await cli.showMigrations()).toBe(true);
  expect((await cli.runMigrations()).map(({ name }) => name)).toEqual([indexTitles.name]);
  expect(await cli.showMigrations()).toBe(false);
  await cli.undoLastMigration({ transaction: "none" });
  await cli.undoLastMigration();
  expect(await database.query("SELECT name FROM migrations")).toEqual([{ name: createPosts.name }]);

  // What TypeORM reverted is pending again, also when its file was edited since.
  const again = await migrationsFolder(createPosts, {
    ...addAuthor,
    up: "ALTER TABLE posts ADD COLUMN author varchar",
  });
  expect((await migrator(["up"], { url: database.url, dir: again })).code).toBe(0);
  expect((await migrator(["up"], { url: database.url, dir: again })).code).toBe(0);
  expect(await database.query("SELECT count(*)::int AS n FROM migrations_detail")).toEqual([{ n: 2 }]);
});

test("the table it creates is the one TypeORM would create", async () => {
  const [ours, theirs] = [await createDatabase(), await createDatabase()];
  const dir = await migrationsFolder(createPosts);
  await migrator(["up"], { url: ours.url, dir });
  await (await typeorm(theirs.url, dir, createPosts)).runMigrations();
  const columns = `SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
                    WHERE table_name = 'migrations' ORDER BY ordinal_position`;
  expect(await ours.query(columns)).toEqual(await theirs.query(columns));
});

test("migrations written with TypeORM's own classes are built with them and pass through the same guards", async () => {
  const database = await createDatabase();
  const dir = await temporaryFolder();
  const names = ["CreateThings1700000000000", "IndexThings1700000001000"];
  await buildMigrations({ from: join(import.meta.dirname, "fixtures", "typeorm-api"), names, to: dir });
  const run = await migrator(["up", "--verbose"], { url: database.url, dir });
  expect(run.code).toBe(0);
  const statements = run.log.map(({ sql }) => sql).filter((sql) => sql !== undefined);
  expect(statements.join()).toContain("CREATE INDEX CONCURRENTLY");
  expect(
    await database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_title'::regclass"),
  ).toEqual([{ indisvalid: true }]);
});
