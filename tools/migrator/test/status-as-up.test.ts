import { expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { createDatabase, saySharedSchema, secret } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder } from "./support/folder.ts";

const dropTitle = {
  name: "DropTitle1700000002000",
  phase: "contract",
  transaction: false,
  up: "ALTER TABLE posts DROP COLUMN title",
  down: "SELECT 1 / 0",
};
const afterwards = { name: "Tags1700000003000", up: "CREATE TABLE tags (id int)" };

/** A session of the owner's may be the application's here. */
const env = { IGNORE_ROLE: "postgres" };

/** What up and status end with, and say. */
async function both(url: string, dir: string, ...args: string[]) {
  const [status, up] = [
    await migrator(["status", "--json", ...args], { url, dir, env }),
    await migrator(["up", ...args], { url, dir, env }),
  ];
  const [problem] = JSON.parse(status.stdout).problems;
  expect(status.summary.message).toContain(`: ${problem?.message}`);
  return {
    status: [status.code, problem?.message, problem?.next],
    up: [up.code, up.summary.message, up.summary.next],
  };
}

test("status ends as up would: a reader that is not there or may not read, a right that is missing, a database that is read-only", async () => {
  const database = await createDatabase();
  const admin = await database.admin();
  const dir = await migrationsFolder(createPosts);
  const nobody = await both(database.url, dir, "--reader", "nobody_here");
  expect(nobody.status).toEqual(nobody.up);
  expect(nobody.status[0]).toBe(2);

  await admin.query(
    `CREATE ROLE ${database.name}_weak LOGIN PASSWORD '${secret}'; CREATE ROLE ${database.name}_reader`,
  );
  const weak = await both(database.as(`${database.name}_weak`, secret), dir);
  expect([weak.status[0], weak.up[0]]).toEqual([31, 31]);
  expect(weak.status).toEqual(weak.up);

  await admin.query(`CREATE SCHEMA ops; GRANT USAGE, CREATE ON SCHEMA ops TO ${database.name}`);
  const blind = await both(
    database.url,
    dir,
    "--record-schema",
    "ops",
    "--reader",
    `${database.name}_reader`,
  );
  expect(blind.status).toEqual(blind.up);
  expect(blind.status[0]).toBe(31);

  const readOnly = `${database.url}?options=${encodeURIComponent("-c default_transaction_read_only=on")}`;
  const standby = await both(readOnly, dir);
  expect([standby.status[0], standby.up[0]]).toEqual([30, 30]);
  expect(await database.query("SELECT 1 FROM pg_tables WHERE schemaname IN ('public', 'ops')")).toEqual([]);
});

test("and where two things are in the way, the same one comes first", async () => {
  const database = await createDatabase();
  await saySharedSchema(database);
  const dir = await migrationsFolder(createPosts, addAuthor, dropTitle, afterwards);
  expect((await migrator(["up", "--to", addAuthor.name], { url: database.url, dir })).code).toBe(0);
  // Reverted half-way, while a release that a pending contract must wait for is alive.
  await database.query(
    `INSERT INTO migrations_unfinished (name, "timestamp", direction) VALUES ('${addAuthor.name}', 1700000001000, 'down')`,
  );
  await database.session("shop@1700000001000");
  const half = await both(database.url, dir);
  expect(half.status).toEqual(half.up);
  expect(half.status[0]).toBe(21);
  await database.query("DELETE FROM migrations_unfinished");
  const closed = await both(database.url, dir);
  expect(closed.status).toEqual(closed.up);
  expect(closed.status[0]).toBe(22);
});
