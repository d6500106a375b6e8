import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { GateInput } from "../src/gate.ts";
import { type ApiServer, refuse, startApiServer } from "./support/api-server.ts";
import { pause, QUICK, runGate, until } from "./support/gate.ts";
import { complete, failed, job, withConditions } from "./support/jobs.ts";
import { KEY, LEVEL, type RecordDatabase, recordDatabase } from "./support/record.ts";

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

const gate = (
  options: Partial<GateInput["options"]> = {},
  rest: Partial<Pick<GateInput, "databaseUrl" | "timing">> = {},
) => runGate(api.url, { schema, ...options }, { databaseUrl: db.url, ...rest });
const watching = () => until(() => api.openWatches() === 1);

test("the schema is there at start: opens although the Job is gone", async () => {
  await db.createTables();
  await db.record();
  const { code, line } = await gate().verdict;
  expect([code, line]).toEqual([0, `Open: ${KEY} is recorded, and the floor is not above level ${LEVEL}.`]);
});

test("the schema is there at start: opens although the API server is down, or refuses", async () => {
  await db.createTables();
  await db.record();
  api.intercept(refuse(403, "no"));
  expect((await gate().verdict).code).toBe(0);
  expect((await runGate("http://127.0.0.1:9", { schema }, { databaseUrl: db.url }).verdict).code).toBe(0);
});

test("a Job of an earlier life is Complete and the database is empty: not accepted", async () => {
  api.apply(complete("migrate"));
  const { code, line } = await gate().verdict;
  expect(code).toBe(5);
  expect(line).toContain("Job default/migrate is Complete, but the database disagrees");
  expect(line).toContain('relation "migrations_floor" does not exist');
});

test("the Job is Complete, the database has other migrations: refused only after the last question", async () => {
  await db.createTables();
  await db.record("CreatePosts1750000000000");
  api.apply(complete("migrate"));
  const began = performance.now();
  const { code, line } = await gate({ confirmFor: 300 }).verdict;
  expect(code).toBe(5);
  expect(line).toContain(`${KEY} is not recorded yet`);
  expect(performance.now() - began).toBeGreaterThan(300);
});

test("the Job is Complete and the record shows up a moment later, as on a replica: opens", async () => {
  await db.createTables();
  api.apply(complete("migrate"));
  const running = gate({ confirmFor: 5_000 });
  await until(() => running.lines.length === 2);
  await pause(50);
  expect(running.ended()).toBeUndefined();
  await db.record();
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
  await db.createTables();
  await db.record();
  api.apply(complete("migrate", { uid: "new" }));
  expect((await running.verdict).code).toBe(0);
});

test.each([
  ["never ends (a sidecar was put into it)", job("migrate", { active: 1, ready: 1, succeeded: 0 })],
  ["is suspended (its queue holds it)", job("migrate", {}, { suspend: true })],
  [
    "has met its criteria and is not Complete",
    job("migrate", withConditions({ type: "SuccessCriteriaMet", status: "True" })),
  ],
])("a Job that %s, and the schema comes all the same: opens", async (_, seen) => {
  await db.createTables();
  api.apply(seen);
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await pause(QUICK.databaseSlowly * 3);
  expect(running.ended()).toBeUndefined();
  await db.record();
  expect((await running.verdict).code).toBe(0);
  expect(api.verbs()).toBe("list watch");
});

test("a Job that is seen is a reason to ask seldom; when it ends the database is asked at once", async () => {
  await db.createTables();
  api.apply(job("migrate"));
  const running = gate({}, { timing: { ...QUICK, databaseSlowly: 60_000 } });
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await db.record();
  await pause(QUICK.databaseEvery * 4);
  expect(running.ended()).toBeUndefined();
  api.apply(complete("migrate"));
  expect((await running.verdict).code).toBe(0);
});

test("the Job is absent: the database is asked every now and then, and tables may come later", async () => {
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.includes("record tables")));
  await db.createTables();
  await until(() => running.lines.some((line) => line.includes("not recorded")));
  expect(running.ended()).toBeUndefined();
  await db.record();
  expect((await running.verdict).code).toBe(0);
  expect(running.lines.filter((line) => line.startsWith("Database"))).toEqual([
    'Database: the record tables are not there yet (relation "migrations_floor" does not exist)',
    `Database: ${KEY} is not recorded yet`,
    `Database: ${KEY} is recorded, and the floor is not above level ${LEVEL}`,
  ]);
});

test("the API server goes away while the Job runs: the database is asked instead", async () => {
  await db.createTables();
  api.apply(job("migrate"));
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await api.stop();
  await db.record();
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
  await db.createTables();
  await db.record();
  await db.sql(
    `ALTER DATABASE gate_${databases} CONNECTION LIMIT 0`,
    "CREATE ROLE late LOGIN PASSWORD 'late'",
  );
  const running = gate({}, { databaseUrl: postgres.url(`gate_${databases}`, "late", "late") });
  await until(() => running.lines.some((line) => line.startsWith("Database: cannot be asked")));
  await db.sql("GRANT SELECT ON migrations, migrations_floor TO late");
  await db.sql(`ALTER DATABASE gate_${databases} CONNECTION LIMIT -1`);
  expect((await running.verdict).code).toBe(0);
});

test("the Job Failed and the database does not have it: 1, at once, with what the database said", async () => {
  await db.createTables();
  api.apply(failed("migrate"));
  const { code, line } = await gate({ confirmFor: 60_000 }).verdict;
  expect(code).toBe(1);
  expect(line).toContain(`Database: ${KEY} is not recorded yet.`);
});

test("the Job Failed after the schema was in place (an earlier attempt did it): opens", async () => {
  await db.createTables();
  api.apply(job("migrate"));
  const running = gate();
  await watching();
  await until(() => running.lines.some((line) => line.startsWith("Database")));
  await db.record();
  api.apply(failed("migrate"));
  expect((await running.verdict).code).toBe(0);
});

test("the Job Failed and the database cannot be asked: 1", async () => {
  api.apply(failed("migrate"));
  const { code } = await gate({}, { databaseUrl: "postgres://127.0.0.1:9/x" }).verdict;
  expect(code).toBe(1);
});

test("several Jobs: the database decides alone", async () => {
  await db.createTables();
  await db.record();
  api.apply(job("b"));
  expect((await gate({ jobs: ["a", "b"] }).verdict).code).toBe(0);
});

test("several Jobs: one Complete is no reason to refuse while the other runs", async () => {
  await db.createTables();
  api.apply(complete("a"));
  api.apply(job("b"));
  const running = gate({ jobs: ["a", "b"], confirmFor: 50 });
  await pause(300);
  expect(running.ended()).toBeUndefined();
  api.apply(complete("b"));
  expect((await running.verdict).code).toBe(5);
});
