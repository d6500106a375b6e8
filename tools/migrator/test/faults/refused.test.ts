import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrator } from "../support/cli.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import {
  addAuthor,
  classOf,
  createPosts,
  indexTitles,
  migrationsFolder,
  type Source,
} from "../support/folder.ts";
import { snapshotOf } from "./snapshot.ts";

const snapshot = async (database: TestDatabase) => (await database.query(snapshotOf))[0];

/** A folder in which one source is there twice, in two files. */
async function twice(first: Source, second: Source): Promise<string> {
  const dir = await migrationsFolder(first);
  await writeFile(join(dir, "another.mjs"), classOf(second));
  return dir;
}

const between: Source = { name: "Between1700000000500", up: "CREATE TABLE between_them (id int)" };

test.each([
  [
    "an applied migration that was edited",
    () => migrationsFolder({ ...createPosts, up: "SELECT 1" }, addAuthor, indexTitles),
  ],
  ["one that is out of order", () => migrationsFolder(createPosts, between, addAuthor, indexTitles)],
  ["one that is applied but gone", () => migrationsFolder(createPosts, indexTitles)],
  ["the same timestamp twice", () => twice(addAuthor, { ...addAuthor, name: "Other1700000001000" })],
  ["the same name twice", () => twice(addAuthor, addAuthor)],
])("%s: 21, and the database is as it was, though more is pending", async (_, folder) => {
  const database = await createDatabase();
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts, addAuthor) });
  // What a run that may write would take back.
  await database.query("GRANT INSERT ON migrations TO PUBLIC");
  const before = await snapshot(database);
  const dir = await folder();
  for (const command of [["up"], ["up", "--phase", "all"], ["rollback"]]) {
    const run = await migrator(command, { url: database.url, dir });
    expect(run.code, run.stderr).toBe(21);
    expect(run.summary.next).toBeTruthy();
  }
  expect(await snapshot(database)).toEqual(before);
});
