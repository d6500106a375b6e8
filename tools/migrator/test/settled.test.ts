import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createDatabase, saySharedSchema, type TestDatabase, until } from "./support/database.ts";
import { migrationsFolder, temporaryFolder } from "./support/folder.ts";
import { upHere } from "./support/here.ts";

const outside = (up: string | string[], name = "Work1700000001000") =>
  migrationsFolder({ name, transaction: false, up });

/** A migration whose `up` is this JavaScript. */
async function coded(body: string): Promise<string> {
  const dir = await temporaryFolder();
  await writeFile(
    join(dir, "1700000001000-Work.mjs"),
    `import { TableIndex } from "typeorm";
     export class Work1700000001000 { transaction = false; async up(runner) { ${body} } async down() {} }`,
  );
  return dir;
}

async function withTables(...tables: string[]): Promise<TestDatabase> {
  const database = await createDatabase();
  for (const table of tables) await database.query(`CREATE TABLE ${table} (a int, b text)`);
  await saySharedSchema(database);
  return database;
}

const indexes = async (database: TestDatabase) =>
  Object.fromEntries(
    (
      await database.query<{ name: string; valid: boolean }>(
        `SELECT c.relname AS name, i.indisvalid AND i.indisready AND i.indislive AS valid
           FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'migrations%' ORDER BY 1`,
      )
    ).map(({ name, valid }) => [name, valid]),
  );

const recorded = async (database: TestDatabase) =>
  (await database.query<{ name: string }>("SELECT name FROM migrations")).map(({ name }) => name);

/** An invalid index, as an interrupted build leaves it. */
async function leaveInvalid(database: TestDatabase, sql: string): Promise<void> {
  const writer = await database.session("writer");
  await writer.query(`BEGIN; INSERT INTO ${/ ON (\w+)/.exec(sql)?.[1]} DEFAULT VALUES`);
  await database.query("SET statement_timeout = 200");
  await expect(database.query(sql)).rejects.toThrow("statement timeout");
  await database.query("RESET statement_timeout");
  await writer.query("ROLLBACK");
}

test("however CREATE INDEX CONCURRENTLY is written, it outwaits a lock on its table and ends valid", async () => {
  const ways: Record<string, string> = {
    t_a: "q(`CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a\n-- newest first\nON t_a_of (a DESC)`)",
    t_b: "q(`CREATE /* a /* nested */ one; */ INDEX CONCURRENTLY IF NOT EXISTS t_b ON ONLY public.t_b_of (a)`)",
    t_c: 'q(`create unique index/**/concurrently if not exists U&"t\\\\005fc" on "t_c_of" (a) where b <> \'it;\'`)',
    t_d: "runner.createIndex('t_d_of', new TableIndex({ name: 't_d', columnNames: ['a'], isConcurrent: true }))",
  };
  const database = await withTables(...Object.keys(ways).map((name) => `${name}_of`));
  const dir = await coded(`const q = (sql) => runner.query(sql);
    ${Object.values(ways)
      .map((way) => `await ${way};`)
      .join("\n")}`);
  const running = upHere(database.url, dir);
  const held = Object.keys(ways).map(async (name) => {
    const writer = await database.session("writer");
    await writer.query(`BEGIN; INSERT INTO ${name}_of DEFAULT VALUES`);
    await until(`the build of ${name}`, async () => name in (await indexes(database)));
    // Longer than the lock_timeout.
    await sleep(300);
    await writer.query("COMMIT");
  });
  await Promise.all(held);
  const { error, log } = await running;
  expect(error?.message).toBeUndefined();
  expect(log).not.toContain("lock not granted");
  expect(await indexes(database)).toEqual({ t_a: true, t_b: true, t_c: true, t_d: true });
  expect(await recorded(database)).toHaveLength(1);
});

test("an index left invalid by a session of the migration's own, out of sight: not recorded, by no attempt, until it is whole", async () => {
  const database = await withTables("t");
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO t DEFAULT VALUES");
  const dir = await coded(`const other = runner.connection.createQueryRunner();
    await other.query("SET statement_timeout = 200");
    await other.query("CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)").catch(() => {});
    await other.query("RESET statement_timeout");
    await other.release();`);
  const first = await upHere(database.url, dir);
  expect(first.error?.exitCode).toBe(20);
  expect(first.error?.message).toMatch(
    /Not recorded: the index public.t_a on public.t is invalid, and this migration/,
  );
  await writer.query("COMMIT");
  const second = await upHere(database.url, dir);
  expect(second.error?.message).toMatch(/Not recorded: .* an earlier attempt at this migration left it so/);
  expect(second.error?.next).toContain("REINDEX INDEX CONCURRENTLY public.t_a");
  expect(await indexes(database)).toEqual({ t_a: false });
  expect(await recorded(database)).toEqual([]);
  await database.query("REINDEX INDEX CONCURRENTLY public.t_a");
  expect((await upHere(database.url, dir)).error).toBeUndefined();
  expect(await recorded(database)).toHaveLength(1);
});

test("somebody else's invalid index is left alone and holds nothing up, whether it is old or being built now", async () => {
  const database = await withTables("t", "old_of", "new_of");
  await leaveInvalid(database, "CREATE INDEX CONCURRENTLY old ON old_of (a)");
  const writer = await database.session("writer");
  await writer.query("BEGIN; INSERT INTO new_of DEFAULT VALUES");
  const builder = await database.session("builder");
  const dir = await coded(`await runner.query("CREATE INDEX CONCURRENTLY t_a ON t (a)");
    const wait = "SELECT to_regclass('new') IS NULL AS wait";
    while ((await runner.query(wait))[0].wait) await new Promise((done) => setTimeout(done, 20));`);
  const running = upHere(database.url, dir);
  await until("the index", async () => "t_a" in (await indexes(database)));
  const building = builder.query("CREATE INDEX CONCURRENTLY new ON new_of (a)");
  const { error, log } = await running;
  expect(error?.message).toBeUndefined();
  expect(log).toContain("index public.new on public.new_of is invalid: not the work of this migration");
  expect(log).toContain(
    "index public.old on public.old_of is invalid: since before this migration first began",
  );
  expect(await indexes(database)).toEqual({ t_a: true, old: false, new: false });
  await writer.query("COMMIT");
  await building;
  expect(await recorded(database)).toHaveLength(1);
});

test("CREATE INDEX IF NOT EXISTS on an invalid index of that name: built again outside a transaction, refused inside", async () => {
  const database = await withTables("t", "u");
  await leaveInvalid(database, "CREATE INDEX CONCURRENTLY t_a ON t (a)");
  const again = await upHere(database.url, await outside("CREATE /* ! */ INDEX IF NOT EXISTS t_a ON t (a)"));
  expect(again.error?.message).toBeUndefined();
  expect(await indexes(database)).toEqual({ t_a: true });

  await leaveInvalid(database, "CREATE INDEX CONCURRENTLY u_a ON u (a)");
  for (const up of [
    "CREATE INDEX IF NOT EXISTS u_a ON u (a)",
    "DO $$ BEGIN CREATE INDEX IF NOT EXISTS u_a ON u (a); END $$",
  ]) {
    const dir = await migrationsFolder(
      {
        name: "Work1700000001000",
        transaction: false,
        up: "CREATE /* ! */ INDEX IF NOT EXISTS t_a ON t (a)",
      },
      { name: "Inside1700000002000", up },
    );
    const { error } = await upHere(database.url, dir);
    expect(error?.exitCode).toBe(20);
    expect(error?.message).toContain("u_a was skipped because it is there already, but it is invalid");
  }
  expect(await recorded(database)).toEqual(["Work1700000001000"]);
});

test("a partitioned index is invalid until its parts are attached: that is no fault, and is told while it lasts", async () => {
  const database = await createDatabase();
  await database.query(`CREATE TABLE p (a int) PARTITION BY RANGE (a);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)`);
  await saySharedSchema(database);
  const parent = { name: "Parent1700000001000", transaction: false, up: "CREATE INDEX p_a ON ONLY p (a)" };
  const first = await upHere(database.url, await migrationsFolder(parent));
  expect(first.error?.message).toBeUndefined();
  expect(first.log).toContain("p_a is invalid until an index of each partition is attached");
  // As an earlier migrator made it.
  await database.query("ALTER TABLE migrations_unfinished DROP COLUMN progress");
  const rest = {
    name: "Parts1700000002000",
    transaction: false,
    up: ["CREATE INDEX CONCURRENTLY p1_a ON p1 (a)", "ALTER INDEX p_a ATTACH PARTITION p1_a"],
  };
  const second = await upHere(database.url, await migrationsFolder(parent, rest));
  expect(second.error?.message).toBeUndefined();
  expect(second.log).not.toContain("invalid");
  expect(await indexes(database)).toEqual({ p_a: true, p1_a: true });
});

test("several statements in one text, and SQL the parser does not know, are left to the server", async () => {
  const database = await withTables("t");
  const several = await upHere(
    database.url,
    await outside("CREATE INDEX CONCURRENTLY t_a ON t (a); CREATE INDEX CONCURRENTLY t_b ON t (b)"),
  );
  expect(several.error?.exitCode).toBe(20);
  expect(several.error?.message).toMatch(/CONCURRENTLY cannot/);
  const unknown = await upHere(database.url, await outside("CREATE NOTHING OF THE KIND"));
  expect(unknown.error?.message).toContain("syntax error");
  expect(await indexes(database)).toEqual({});
  // A transaction that the migration begins by itself holds none of our notes.
  const own = ["BEGIN READ ONLY", "DO $$ BEGIN PERFORM 1; END $$", "COMMIT"];
  const begun = await upHere(database.url, await outside([...own, "CREATE INDEX CONCURRENTLY t_a ON t (a)"]));
  expect(begun.error?.message).toBeUndefined();
  expect(await indexes(database)).toEqual({ t_a: true });
});
