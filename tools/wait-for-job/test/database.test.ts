import { createServer } from "node:net";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { askDatabase } from "../src/database.ts";
import type { GateInput } from "../src/gate.ts";
import { type ApiServer, refuse, startApiServer } from "./support/api-server.ts";
import { pause, QUICK, runGate, until } from "./support/gate.ts";
import { complete, failed, job } from "./support/jobs.ts";

const KEY = "AddCategories1760000000000";
const LEVEL = "1760000000000";
const NEWER = "1770000000000";
const schema = { key: KEY, level: LEVEL };

let postgres: ScratchPostgres;
let api: ApiServer;
let url: string;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  api = await startApiServer();
  databases += 1;
  url = await postgres.createDatabase(`gate_${databases}`);
});
afterEach(() => api.stop());

async function sql(...statements: string[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
const createTables = (prefix = "") =>
  sql(
    `CREATE TABLE ${prefix}migrations (id serial, "timestamp" bigint, name varchar)`,
    `CREATE TABLE ${prefix}migrations_floor (floor bigint, contract text, state text)`,
  );
const record = (key = KEY, prefix = "") =>
  sql(`INSERT INTO ${prefix}migrations ("timestamp", name) VALUES (${LEVEL}, '${key}')`);
const raiseFloor = (floor: string, state: "proposed" | "final") =>
  sql(
    "DELETE FROM migrations_floor",
    `INSERT INTO migrations_floor VALUES (${floor}, 'DropOld', '${state}')`,
  );

const gate = (options: Partial<GateInput["options"]> = {}, rest: { databaseUrl?: string } = {}) =>
  runGate(api.url, { schema, ...options }, { databaseUrl: url, ...rest });
const watching = () => until(() => api.openWatches() === 1);

test("the schema is there at start: opens although the Job is gone", async () => {
  await createTables();
  await record();
  const { code, line } = await gate().verdict;
  expect([code, line]).toEqual([0, `Open: ${KEY} is recorded, and the floor is not above level ${LEVEL}.`]);
});

test("the schema is there at start: opens although the API server is down, or refuses", async () => {
  await createTables();
  await record();
  api.intercept(refuse(403, "no"));
  expect((await gate().verdict).code).toBe(0);
  expect((await runGate("http://127.0.0.1:9", { schema }, { databaseUrl: url }).verdict).code).toBe(0);
});

test("a Job of an earlier life is Complete and the database is empty: not accepted", async () => {
  api.apply(complete("migrate"));
  const { code, line } = await gate().verdict;
  expect(code).toBe(5);
  expect(line).toContain("Job default/migrate is Complete, but the database disagrees");
  expect(line).toContain('relation "migrations_floor" does not exist');
});

test("the Job is Complete, the database has other migrations: refused only after the last question", async () => {
  await createTables();
  await record("CreatePosts1750000000000");
  api.apply(complete("migrate"));
  const began = performance.now();
  const { code, line } = await gate({ confirmFor: 300 }).verdict;
  expect(code).toBe(5);
  expect(line).toContain(`${KEY} is not recorded yet`);
  expect(performance.now() - began).toBeGreaterThan(300);
});

test("the Job is Complete and the record shows up a moment later, as on a replica: opens", async () => {
  await createTables();
  api.apply(complete("migrate"));
  const running = gate({ confirmFor: 5_000 });
  await until(() => running.lines.length === 2);
  await pause(50);
  expect(running.ended()).toBeUndefined();
  await record();
  expect((await running.verdict).code).toBe(0);
});

test("an earlier life's Job that is replaced in time: the new one is waited for", async () => {
  api.apply(complete("migrate", { uid: "old" }));
  const running = gate({ confirmFor: 1_500 });
  await watching();
  api.remove(complete("migrate", { uid: "old" }));
  api.apply(job("migrate", { active: 1 }, { uid: "new" }));
  await pause(1_800);
  expect(running.ended()).toBeUndefined();
  await createTables();
  await record();
  api.apply(complete("migrate", { uid: "new" }));
  expect((await running.verdict).code).toBe(0);
});

test("while the Job runs the database is left alone; when it ends it is asked at once", async () => {
  await createTables();
  api.apply(job("migrate"));
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await pause(QUICK.databaseEvery * 3);
  await record();
  await pause(QUICK.databaseEvery * 3);
  expect(running.ended()).toBeUndefined();
  api.apply(complete("migrate"));
  expect((await running.verdict).code).toBe(0);
});

test("the Job is absent: the database is asked every now and then, and tables may come later", async () => {
  const running = gate();
  await watching();
  await createTables();
  await pause(100);
  expect(running.ended()).toBeUndefined();
  await record();
  expect((await running.verdict).code).toBe(0);
  expect(running.lines.filter((line) => line.startsWith("Database"))).toEqual([
    'Database: the record tables are not there yet (relation "migrations_floor" does not exist)',
    `Database: ${KEY} is not recorded yet`,
    `Database: ${KEY} is recorded, and the floor is not above level ${LEVEL}`,
  ]);
});

test("the API server goes away while the Job runs: the database is asked instead", async () => {
  await createTables();
  api.apply(job("migrate"));
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await api.stop();
  await record();
  expect((await running.verdict).code).toBe(0);
  await api.restart();
});

test("the database is down, the Job Complete: keeps trying, and says so at the end", async () => {
  api.apply(complete("migrate"));
  const nowhere = "postgres://blog:hunter2@127.0.0.1:9/blog";
  const { code, line } = await gate({ timeout: 500 }, { databaseUrl: nowhere }).verdict;
  expect(code).toBe(3);
  expect(line).toContain("database: cannot be asked: connect ECONNREFUSED 127.0.0.1:9");
  expect(line).not.toContain("hunter2");
});

test("the database refuses for a while and then has it: opens", async () => {
  await createTables();
  await record();
  await sql(`ALTER DATABASE gate_${databases} CONNECTION LIMIT 0`, "CREATE ROLE late LOGIN PASSWORD 'late'");
  const running = gate({}, { databaseUrl: postgres.url(`gate_${databases}`, "late", "late") });
  await until(() => running.lines.some((line) => line.startsWith("Database: cannot be asked")));
  await sql("GRANT SELECT ON migrations, migrations_floor TO late");
  await sql(`ALTER DATABASE gate_${databases} CONNECTION LIMIT -1`);
  expect((await running.verdict).code).toBe(0);
});

test("the Job Failed and the database does not have it: 1, at once, with what the database said", async () => {
  await createTables();
  api.apply(failed("migrate"));
  const { code, line } = await gate({ confirmFor: 60_000 }).verdict;
  expect(code).toBe(1);
  expect(line).toContain(`Database: ${KEY} is not recorded yet.`);
});

test("the Job Failed after the schema was in place (an earlier attempt did it): opens", async () => {
  await createTables();
  api.apply(job("migrate"));
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await record();
  api.apply(failed("migrate"));
  expect((await running.verdict).code).toBe(0);
});

test("the Job Failed and the database cannot be asked: 1", async () => {
  api.apply(failed("migrate"));
  const { code } = await gate({}, { databaseUrl: "postgres://127.0.0.1:9/x" }).verdict;
  expect(code).toBe(1);
});

test("a final floor above this level refuses, although the key is recorded, and names the contract", async () => {
  await createTables();
  await record();
  await raiseFloor(NEWER, "final");
  const { code, line } = await gate().verdict;
  expect(code).toBe(6);
  expect(line).toContain(`contract DropOld has raised the floor to ${NEWER}, above level ${LEVEL}`);
});

test("a final floor refuses also when the Job failed because of it", async () => {
  await createTables();
  await raiseFloor(NEWER, "final");
  api.apply(failed("migrate"));
  expect((await gate().verdict).code).toBe(6);
});

test("a proposed floor above this level is waited out, whatever the Job says", async () => {
  await createTables();
  await record();
  await raiseFloor(NEWER, "proposed");
  api.apply(complete("migrate"));
  const running = gate({ confirmFor: 50 });
  await pause(300);
  expect(running.ended()).toBeUndefined();
  await sql("DELETE FROM migrations_floor");
  expect((await running.verdict).code).toBe(0);
});

test("a proposed floor that becomes final refuses", async () => {
  await createTables();
  await record();
  await raiseFloor(NEWER, "proposed");
  api.apply(job("migrate"));
  const running = gate();
  await pause(100);
  expect(running.ended()).toBeUndefined();
  await raiseFloor(NEWER, "final");
  expect((await running.verdict).code).toBe(6);
});

test.each(["final", "proposed"] as const)("a %s floor at this very level opens", async (state) => {
  await createTables();
  await record();
  await raiseFloor(LEVEL, state);
  expect((await gate().verdict).code).toBe(0);
});

test("several Jobs: the database decides alone", async () => {
  await createTables();
  await record();
  api.apply(job("b"));
  expect((await gate({ jobs: ["a", "b"] }).verdict).code).toBe(0);
});

test("several Jobs: one Complete is no reason to refuse while the other runs", async () => {
  await createTables();
  api.apply(complete("a"));
  api.apply(job("b"));
  const running = gate({ jobs: ["a", "b"], confirmFor: 50 });
  await pause(300);
  expect(running.ended()).toBeUndefined();
  api.apply(complete("b"));
  expect((await running.verdict).code).toBe(5);
});

test("--record-schema names where the tables are, whatever it is called", async () => {
  await sql('CREATE SCHEMA "Re""cord"');
  await createTables('"Re""cord".');
  await record(KEY, '"Re""cord".');
  const answer = (recordSchema?: string) => askDatabase(url, { ...schema, recordSchema }, QUICK);
  expect(await answer('Re"cord')).toEqual({ kind: "ready" });
  expect((await answer()).kind).toBe("no-tables");
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

test("a locked record table does not hold the gate", async () => {
  await createTables();
  const locker = new pg.Client({ connectionString: url });
  await locker.connect();
  await locker.query("BEGIN; LOCK TABLE migrations");
  const answer = await askDatabase(url, schema, { connectWithin: 1000, queryWithin: 60 });
  expect(answer.kind).toBe("unreachable");
  await locker.end();
});

test("the session names itself, and is gone after the answer", async () => {
  await createTables();
  const sessions = async () => {
    const client = new pg.Client({ connectionString: postgres.adminUrl });
    await client.connect();
    const { rows } = await client.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'wait-for-job' AND datname = 'gate_${databases}'`,
    );
    await client.end();
    return rows[0]?.n;
  };
  const locker = new pg.Client({ connectionString: url });
  await locker.connect();
  await locker.query("BEGIN; LOCK TABLE migrations");
  const asked = askDatabase(url, schema, QUICK);
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
