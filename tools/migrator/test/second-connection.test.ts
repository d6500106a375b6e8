import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { bodyName, migrationWith } from "./support/body.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";
import { classOf, createPosts } from "./support/folder.ts";

const pg = pathToFileURL(createRequire(import.meta.url).resolve("pg")).href;
const insert = `"INSERT INTO posts (title) VALUES ('x')"`;

/** Each waits for the lock that the migration's own session has on posts. */
const ways = {
  "a query runner of its own": `const other = q.connection.createQueryRunner(); await other.query(${insert}); await other.release();`,
  "the data source's manager": `await q.connection.manager.query(${insert});`,
  "a transaction of the data source": `await q.connection.transaction((m) => m.query(${insert}));`,
  "two at once": `await Promise.all([1, 2].map(() => q.connection.query(${insert})));`,
  "a client of its own": `const { default: pg } = await import("${pg}"); const c = new pg.Client(process.env.DATABASE_URL);
     await c.connect(); await c.query(${insert}); await c.end();`,
};

test("a second connection that waits for the first: named within the lock_timeout, 20, and nothing stays", async () => {
  const all = Object.entries(ways).map(async ([way, body]) => {
    const { url, query } = await createDatabase();
    const dir = await migrationWith(`await q.query("ALTER TABLE posts ADD COLUMN c int"); ${body}`);
    await writeFile(join(dir, "1700000000000-posts.mjs"), classOf(createPosts));
    const run = await migrator(["up", "--lock-timeout", "2s"], { url, dir });
    expect(run.code, `${way}: ${run.stderr}`).toBe(20);
    expect(run.summary.message, way).toContain(`${bodyName} waits for itself`);
    expect(run.summary.message, way).toContain("posts");
    expect(run.summary.next, way).toContain("queryRunner");
    // Seen while it waited, not at the end of a wait, and never tried again.
    expect(
      run.log.filter(({ attempt }) => attempt !== undefined),
      way,
    ).toEqual([]);
    expect(await query("SELECT * FROM posts"), way).toEqual([]);
    const columns =
      "SELECT column_name AS c FROM information_schema.columns WHERE table_name = 'posts' AND column_name = 'c'";
    expect(await query(columns), way).toEqual([]);
  });
  await Promise.all(all);
});

test("a second connection that waits for nobody has the limits of the first, and may go on", async () => {
  const { url, query } = await createDatabase();
  const seen =
    "SELECT current_setting('lock_timeout') AS l, current_setting('idle_in_transaction_session_timeout') AS i";
  const dir = await migrationWith(
    `const [row] = await q.connection.query("${seen}"); await q.query("CREATE TABLE seen AS SELECT $1::text AS l, $2::text AS i", [row.l, row.i]);`,
  );
  const run = await migrator(["up", "--lock-timeout", "321ms"], { url, dir });
  expect(run.code, run.stderr).toBe(0);
  expect(await query("SELECT * FROM seen")).toEqual([{ l: "321ms", i: "10s" }]);
  expect(run.log.filter(({ warning }) => warning !== undefined)).toEqual([]);
});
