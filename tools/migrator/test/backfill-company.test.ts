import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasCompany } from "../src/backfill/company.ts";
import { backfillFolder, createCounted, fillKind } from "./support/backfill.ts";
import { start } from "./support/cli.ts";
import { connect, createDatabase, until } from "./support/database.ts";

/** A server of its own: on the shared one the tests of other files are company. */
let server: ScratchPostgres;
beforeAll(async () => {
  server = await startPostgres();
  const admin = await connect(server.adminUrl, "migrator");
  await admin.query("CREATE ROLE blind LOGIN PASSWORD 'blind'");
  await admin.query("CREATE DATABASE elsewhere");
  await admin.end();
});
afterAll(() => server?.stop());

/** Asked as a migrator's second session asks. */
async function asking(url: string) {
  const session = await connect(url, "migrator");
  return {
    company: () => hasCompany(async (sql) => (await session.query(sql)).rows),
    end: () => session.end(),
  };
}

test("company is who works or just did, in whatever database; not who lies idle, and no migrator", async () => {
  const migrator = await asking(server.adminUrl);
  const service = await connect(server.url("elsewhere"), "blog@1750000000000");
  await service.query("SELECT 1");
  expect(await migrator.company()).toBe(true);
  await until("silence", async () => !(await migrator.company()));

  const long = service.query("SELECT pg_sleep(2)");
  await new Promise((done) => setTimeout(done, 1_500));
  expect(await migrator.company()).toBe(true);
  await long;
  await service.end();
  await migrator.end();
});

test("a role that may not see what others do takes each of them for company", async () => {
  const migrator = await asking(server.url("elsewhere", "blind", "blind"));
  expect(await migrator.company()).toBe(false);
  const service = await connect(server.url("elsewhere"), "blog@1750000000000");
  await new Promise((done) => setTimeout(done, 1_200));
  expect(await migrator.company()).toBe(true);
  await service.end();
  await migrator.end();
});

test("a batch is a crash's loss, its end is not: batches commit without waiting for the disk, the record does", async () => {
  const database = await createDatabase();
  await createCounted(database, 300);
  await database.query(`
    CREATE TABLE commits (what text, how text);
    CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO commits VALUES (TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NULL; END $$;
    CREATE TRIGGER note_commit AFTER UPDATE ON posts FOR EACH STATEMENT EXECUTE FUNCTION note_commit()`);
  const dir = await backfillFolder(fillKind, {
    afterwards: `await queryRunner.query("INSERT INTO commits VALUES ('after', current_setting('synchronous_commit'))");`,
  });
  const finished = await start(["up"], { url: database.url, dir }).finished;
  expect(finished.code).toBe(0);
  expect(await database.query("SELECT DISTINCT what, how FROM commits ORDER BY 1")).toEqual([
    { what: "after", how: "on" },
    { what: "posts", how: "off" },
  ]);
});
