import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { askDatabase, question } from "../src/database.ts";
import type { GateInput } from "../src/gate.ts";
import { recordNames } from "../src/record.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { makeAuthority } from "./support/certificates.ts";
import { pause, QUICK, runGate } from "./support/gate.ts";
import { complete, failed, job } from "./support/jobs.ts";
import { KEY, LEVEL, NEWER, type RecordDatabase, recordDatabase } from "./support/record.ts";

const schema = { key: KEY, level: LEVEL };
let postgres: ScratchPostgres;
let api: ApiServer;
let db: RecordDatabase;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  api = await startApiServer();
  databases += 1;
  db = recordDatabase(await postgres.createDatabase(`gate_${databases}`));
});
afterEach(() => api.stop());

const gate = (options: Partial<GateInput["options"]> = {}, rest: { databaseUrl?: string } = {}) =>
  runGate(api.url, { schema, ...options }, { databaseUrl: db.url, ...rest });

/** How many sessions of gates the server has in this test's database. */
async function sessions(): Promise<number> {
  const client = new pg.Client({ connectionString: postgres.adminUrl });
  await client.connect();
  const { rows } = await client.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND datname = $2",
    [`wait-for-job@${schema.level}`, `gate_${databases}`],
  );
  await client.end();
  return rows[0]?.n;
}

test("a final floor above this level refuses, although the key is recorded, and names the contract", async () => {
  await db.createTables();
  await db.record();
  await db.raiseFloor(NEWER, "final");
  const { code, line } = await gate().verdict;
  expect(code).toBe(6);
  expect(line).toContain(`contract DropOld has raised the floor to ${NEWER}, above level ${LEVEL}`);
});

test("a final floor refuses also when the Job failed because of it", async () => {
  await db.createTables();
  await db.raiseFloor(NEWER, "final");
  api.apply(failed("migrate"));
  expect((await gate().verdict).code).toBe(6);
});

test("a proposed floor above this level is waited out, whatever the Job says", async () => {
  await db.createTables();
  await db.record();
  await db.raiseFloor(NEWER, "proposed");
  api.apply(complete("migrate"));
  const running = gate({ confirmFor: 50 });
  await pause(300);
  expect(running.ended()).toBeUndefined();
  await db.sql("DELETE FROM migrations_floor");
  expect((await running.verdict).code).toBe(0);
});

test("a proposed floor that becomes final refuses", async () => {
  await db.createTables();
  await db.record();
  await db.raiseFloor(NEWER, "proposed");
  api.apply(job("migrate"));
  const running = gate();
  await pause(100);
  expect(running.ended()).toBeUndefined();
  await db.raiseFloor(NEWER, "final");
  expect((await running.verdict).code).toBe(6);
});

test.each(["final", "proposed"] as const)("a %s floor at this very level opens", async (state) => {
  await db.createTables();
  await db.record();
  await db.raiseFloor(LEVEL, state);
  expect((await gate().verdict).code).toBe(0);
});

test("--record-schema names where the tables are, whatever it is called", async () => {
  await db.sql('CREATE SCHEMA "Re""cord"');
  await db.createTables('"Re""cord".');
  await db.record(KEY, '"Re""cord".');
  const answer = (recordSchema?: string) => askDatabase(db.url, { ...schema, recordSchema }, QUICK);
  expect(await answer('Re"cord')).toEqual({ kind: "ready" });
  expect((await answer()).kind).toBe("no-tables");
});

test("--record-table names the record, with its floor beside it, whatever it is called", async () => {
  const ask = (recordTable?: string) => askDatabase(db.url, { ...schema, recordTable }, QUICK);
  for (const name of ["typeorm_migrations", `The "Re.cord's" ${"é".repeat(23)}x`]) {
    const { record, floor } = recordNames(name);
    expect(Buffer.byteLength(floor)).toBeLessThanOrEqual(63);
    await db.sql(
      `CREATE TABLE ${pg.escapeIdentifier(record)} (id serial, "timestamp" bigint, name varchar)`,
      `CREATE TABLE ${pg.escapeIdentifier(floor)} (floor bigint, contract text, state text)`,
      `INSERT INTO ${pg.escapeIdentifier(record)} ("timestamp", name) VALUES (${LEVEL}, '${KEY}')`,
    );
    expect(await ask(name)).toEqual({ kind: "ready" });
    await db.sql(`INSERT INTO ${pg.escapeIdentifier(floor)} VALUES (${NEWER}, 'DropOld', 'final')`);
    expect((await ask(name)).kind).toBe("floor-final");
  }
  expect(recordNames("migrations")).toEqual({ record: "migrations", floor: "migrations_floor" });
});

test("a record that is not there is waited for; where the schema is not empty it says what is there", async () => {
  const found = async () => {
    const answer = await askDatabase(db.url, schema, QUICK);
    return answer.kind === "no-tables" ? answer.found : answer;
  };
  expect(await found()).toBeUndefined();
  await db.sql("CREATE TABLE posts (id int)");
  expect(await found()).toBe(
    "there is no record at public.migrations, and yet the schema public holds 1 table; no table looks like a record of another name. The migrator refuses that with 21; its baseline is the way on",
  );
  await db.sql(
    `CREATE TABLE typeorm_migrations (id serial, "timestamp" bigint, name varchar); CREATE SCHEMA drizzle;
     CREATE TABLE drizzle.__drizzle_migrations (id int)`,
  );
  const running = gate({ timeout: 400 });
  const { code, line } = await running.verdict;
  expect(code).toBe(3);
  expect(line).toContain(
    "tables that look like a record: drizzle.__drizzle_migrations, public.typeorm_migrations (--record-table and --record-schema name it)",
  );
  await db.sql("CREATE TABLE migrations (id int, migration text, batch int)");
  expect(await found()).toContain(
    "public.migrations is another tool's (its columns are id, migration, batch)",
  );
  await db.sql(
    `DROP TABLE migrations; CREATE TABLE migrations (id serial, "timestamp" bigint, name varchar)`,
  );
  expect(await found()).toBe(
    "public.migrations is there, but migrations_floor is not, which the migrator makes beside it",
  );
});

test("over TLS it asks a server that the authority of the URL signed, and no other", async () => {
  const [authority, stranger] = [makeAuthority(), makeAuthority()];
  await db.createTables();
  const write = (text: string, file: string) =>
    `COPY (SELECT unnest(string_to_array(${pg.escapeLiteral(text.trim())}, E'\\n'))) TO PROGRAM 'umask 077; cat > ${file}'`;
  await db.sql(
    write(authority.cert, "server.crt"),
    write(authority.key, "server.key"),
    "ALTER SYSTEM SET ssl = on",
    "SELECT pg_reload_conf()",
  );
  const over = (caFile: string) =>
    askDatabase(`${db.url}?sslmode=verify-full&sslrootcert=${caFile}`, schema, QUICK);
  await expect.poll(() => over(authority.caFile)).toEqual({ kind: "not-recorded" });
  expect(await over(stranger.caFile)).toMatchObject({
    kind: "unreachable",
    reason: expect.stringContaining("certificate"),
  });
  for (const { folder } of [authority, stranger]) rmSync(folder, { recursive: true });
});

test("a database that accepts and never answers does not hold the gate", async () => {
  const silent = createServer((socket) => socket.resume());
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : 0;
  const answer = await askDatabase(`postgres://127.0.0.1:${port}/x`, schema, {
    connectWithin: 60,
    queryWithin: 60,
  });
  expect(answer.kind).toBe("unreachable");
  await new Promise((done) => silent.close(done));
});

test("a locked record table does not hold the gate, nor do its looks pile up behind the lock", async () => {
  await db.createTables();
  const locker = await db.lock();
  const answer = await askDatabase(db.url, schema, { connectWithin: 1000, queryWithin: 60 });
  expect(answer).toEqual({ kind: "unreachable", reason: "canceling statement due to lock timeout" });
  await expect.poll(sessions).toBe(0);
  await locker.end();
});

test("what a look sets does not outlive it on a connection that a pooler passes on", async () => {
  await db.createTables();
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  await client.query(question(schema, 60));
  const { rows } = await client.query(
    "SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l",
  );
  expect(rows).toEqual([{ s: "0", l: "0" }]);
  await client.end();
});

test("the session names itself, and is gone after the answer", async () => {
  await db.createTables();
  const locker = await db.lock();
  const asked = askDatabase(db.url, schema, QUICK);
  await pause(150);
  expect(await sessions()).toBe(1);
  await locker.end();
  await asked;
  await pause(150);
  expect(await sessions()).toBe(0);
});

test("a password is in no answer, in whatever form it was given", async () => {
  for (const bad of [
    "postgres://127.0.0.1:9/x?password=hunter2",
    "postgres://u:hunter2@hunter2.invalid/x",
    postgres.url("x", "hunter2", "hunter2"),
  ]) {
    expect(JSON.stringify(await askDatabase(bad, schema, QUICK))).not.toContain("hunter2");
  }
});
