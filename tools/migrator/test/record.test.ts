import { describe, expect, test } from "vitest";
import { lockKey } from "../src/database/lock.ts";
import { recordTables } from "../src/record/tables.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase, type TestDatabase } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder } from "./support/folder.ts";

const names = async (database: TestDatabase) =>
  (await database.query<{ name: string }>("SELECT name FROM migrations ORDER BY id")).map(({ name }) => name);

const proposed = (contract: string) => `(1700000005000, '${contract}', 'proposed')`;

/** A role to which everything the owner creates is given by default. */
async function createReader(database: TestDatabase, reader: string): Promise<void> {
  const admin = await database.admin();
  const byDefault = `ALTER DEFAULT PRIVILEGES FOR ROLE ${database.name} IN SCHEMA public`;
  await admin.query(`CREATE ROLE ${reader}`);
  await admin.query(`${byDefault} GRANT ALL ON TABLES TO ${reader}`);
  await admin.query(`${byDefault} GRANT ALL ON SEQUENCES TO ${reader}`);
  await admin.query(`${byDefault} GRANT SELECT ON TABLES TO PUBLIC`);
}

describe("a database that moved on", () => {
  test("an older release finds a newer database: exit 0, says so, and needs no lock", async () => {
    const database = await createDatabase();
    const newer = await migrationsFolder(createPosts, addAuthor);
    const older = await migrationsFolder(createPosts);
    await migrator(["up"], { url: database.url, dir: newer });
    const { classid, objid } = lockKey(recordTables("public"));
    await database.query("SELECT pg_advisory_lock($1::int, $2::int)", [classid, objid]);
    const run = await migrator(["up", "--json"], { url: database.url, dir: older });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout).newer).toEqual([addAuthor.name]);
    expect(run.summary.message).toContain(`the database is newer (${addAuthor.name})`);
  });

  test("a floor above the level: 24, naming the contract step", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts);
    await migrator(["up"], { url: database.url, dir });
    await database.query(
      "INSERT INTO migrations_floor VALUES (1700000005000, 'DropTitle1700000005000', 'final')",
    );
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(24);
    expect(run.summary.message).toContain("DropTitle1700000005000");
  });

  test("a floor that was only proposed stops nobody; with nothing to do it is cleared if the lock is free", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts);
    await migrator(["up"], { url: database.url, dir });
    await database.query(`INSERT INTO migrations_floor VALUES ${proposed("DropTitle1700000005000")}`);
    const { classid, objid } = lockKey(recordTables("public"));
    const holder = await database.session();
    await holder.query("SELECT pg_advisory_lock($1::int, $2::int)", [classid, objid]);
    for (const command of ["up", "status"]) {
      expect((await migrator([command], { url: database.url, dir })).code).toBe(0);
    }
    // Whoever holds the lock may be about to run that contract.
    expect(await database.query("SELECT state FROM migrations_floor")).toEqual([{ state: "proposed" }]);
    await holder.query("SELECT pg_advisory_unlock_all()");
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.summary.message).toBe("nothing to do");
    expect(run.stderr).toContain("cleared the floor");
    expect(await database.query("SELECT * FROM migrations_floor")).toEqual([]);
  });

  test("the next lock holder clears a proposed floor whose contract was never recorded, and goes on", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, addAuthor);
    await migrator(["up", "--to", createPosts.name], { url: database.url, dir });
    await database.query(`INSERT INTO migrations_floor VALUES ${proposed("DropTitle1700000005000")}`);
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("DropTitle1700000005000");
    expect(await names(database)).toEqual([createPosts.name, addAuthor.name]);
    expect(await database.query("SELECT * FROM migrations_floor")).toEqual([]);
  });

  test("a proposed floor whose contract is recorded stays", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, addAuthor);
    await migrator(["up", "--to", createPosts.name], { url: database.url, dir });
    await database.query(`INSERT INTO migrations_floor VALUES ${proposed(createPosts.name)}`);
    expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
    expect(await database.query("SELECT contract FROM migrations_floor")).toEqual([
      { contract: createPosts.name },
    ]);
  });

  test("an edited migration: 21, and nothing of what is pending was applied", async () => {
    const database = await createDatabase();
    await migrator(["up"], { url: database.url, dir: await migrationsFolder(createPosts) });
    const edited = await migrationsFolder({ ...createPosts, up: "CREATE TABLE posts (id int)" }, addAuthor);
    const run = await migrator(["up"], { url: database.url, dir: edited });
    expect(run.code).toBe(21);
    expect(run.summary.message).toContain(`${createPosts.name} was edited`);
    expect(await names(database)).toEqual([createPosts.name]);
    // The way out it names works.
    await database.query(String(run.summary.next).match(/UPDATE .*;/)?.[0] ?? "");
    expect((await migrator(["up"], { url: database.url, dir: edited })).code).toBe(0);
    expect(await names(database)).toHaveLength(2);
  });
});

describe("the reader", () => {
  test("may read the record and do nothing else with it, whatever default privileges gave", async () => {
    const database = await createDatabase();
    const reader = `${database.name}_reader`;
    await createReader(database, reader);
    const dir = await migrationsFolder(createPosts);
    const run = await migrator(["up"], { url: database.url, dir, env: { READER_ROLE: reader } });
    expect(run.code).toBe(0);
    const rights = await database.query<{ table: string; rights: string }>(
      `SELECT c.relname AS table, string_agg(a.privilege_type, ',' ORDER BY 1) AS rights
         FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = $1::regrole AND c.relname LIKE 'migrations%' GROUP BY 1 ORDER BY 1`,
      [reader],
    );
    expect(rights).toEqual(
      [
        "migrations",
        "migrations_backfill",
        "migrations_detail",
        "migrations_floor",
        "migrations_unfinished",
      ].map((table) => ({
        table,
        rights: "SELECT",
      })),
    );
    // A second run with nothing pending repairs a grant that somebody took away.
    await database.query(
      `REVOKE SELECT ON migrations_floor FROM ${reader}; GRANT UPDATE ON migrations TO ${reader}`,
    );
    await migrator(["up", "--reader", reader], { url: database.url, dir });
    expect(
      await database.query(
        "SELECT has_table_privilege($1, 'migrations_floor', 'SELECT') AS s, has_table_privilege($1, 'migrations', 'UPDATE') AS u",
        [reader],
      ),
    ).toEqual([{ s: true, u: false }]);
    expect((await migrator(["up", "--reader", "nobody_here"], { url: database.url, dir })).code).toBe(2);
  });
});

test("the reader may use the schema the record is in; where we may not let it, that is said: 31", async () => {
  const database = await createDatabase();
  const reader = `${database.name}_reader`;
  const admin = await database.admin();
  await admin.query(`CREATE ROLE ${reader}; CREATE SCHEMA "Ops" AUTHORIZATION ${database.name}`);
  const dir = await migrationsFolder(createPosts);
  const up = (...more: string[]) => migrator(["up", "--schema", "Ops", ...more], { url: database.url, dir });
  expect((await up()).code).toBe(0);
  const usage = () => database.query(`SELECT has_schema_privilege('${reader}', 'Ops', 'USAGE') AS may`);
  expect((await up("--reader", reader)).code).toBe(0);
  expect(await usage()).toEqual([{ may: true }]);

  await admin.query(`ALTER SCHEMA "Ops" OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA "Ops" FROM ${reader}`);
  await admin.query(`GRANT USAGE, CREATE ON SCHEMA "Ops" TO ${database.name}`);
  const refused = await up("--reader", reader);
  expect(refused.code).toBe(31);
  expect(refused.summary.next).toContain(`GRANT USAGE ON SCHEMA "Ops" TO "${reader}"`);
});

describe("status", () => {
  test("shows applied, pending and newer, writes nothing, and exits with what up would refuse", async () => {
    const database = await createDatabase();
    const dir = await migrationsFolder(createPosts, addAuthor);
    const fresh = await migrator(["status", "--json"], { url: database.url, dir });
    expect(JSON.parse(fresh.stdout).migrations).toMatchObject([{ state: "pending" }, { state: "pending" }]);
    expect(await database.query("SELECT to_regclass('migrations') AS t")).toEqual([{ t: null }]);

    await migrator(["up", "--to", createPosts.name], { url: database.url, dir });
    await database.query(
      `INSERT INTO migrations ("timestamp", name) VALUES (1800000000000, 'Later1800000000000')`,
    );
    const shown = await migrator(["status"], { url: database.url, dir });
    expect(shown.stdout).toMatch(
      /CreatePosts1700000000000 +applied[\s\S]*AddAuthor1700000001000 +pending[\s\S]*Later1800000000000 +newer/,
    );
    // A newer migration applied over a pending one: that is out of order.
    expect(shown.code).toBe(21);
    expect(shown.stdout).toContain("! AddAuthor1700000001000 is not applied");
  });
});
