import { expect, test } from "vitest";
import { backfillFolder, changes, checkpoint, createCounted, fillKind } from "./support/backfill.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";

const batch = { initial: 100, max: 100, throttle: false };

test("a condition that stays true is found in the first batch, and nothing of it is kept", async () => {
  const database = await createDatabase();
  await createCounted(database, 500);
  const dir = await backfillFolder({ ...fillKind, where: "kind IS NULL OR id > 0", batch });
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain('100 of 100 rows still match "kind IS NULL OR id > 0"');
  expect(await changes(database)).toEqual([{ kind: null, changes: 0, n: 500 }]);
});

test("a trigger that keeps rows as they are is noticed", async () => {
  const database = await createDatabase();
  await createCounted(database, 50);
  await database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON posts FOR EACH ROW WHEN (OLD.id = 20) EXECUTE FUNCTION refuse()`);
  const run = await migrator(["up"], {
    url: database.url,
    dir: await backfillFolder({ ...fillKind, batch }),
  });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain("a trigger or rule keeps the UPDATE from changing them");
});

test("a statement that fails: 20, with the rows it was about; the batches before it stay", async () => {
  const database = await createDatabase();
  await createCounted(database, 500);
  await database.query("UPDATE posts SET body = 'bad' WHERE id = 250; UPDATE posts SET changes = 0");
  const dir = await backfillFolder({ ...fillKind, set: "kind = (1 / (body <> 'bad')::int)::text", batch });
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain(
    "division by zero (in the batch of posts with id after 200 up to 300)",
  );
  expect(await checkpoint(database)).toMatchObject({ rows_done: "200", state: "running" });
});

test("SQL that is wrong shows on an empty table", async () => {
  const database = await createDatabase();
  await createCounted(database, 0);
  const dir = await backfillFolder({ ...fillKind, set: "knid = 'note'" });
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain('column "knid"');
});

test("inside a transaction it says what to do instead", async () => {
  const database = await createDatabase();
  await createCounted(database, 5);
  const run = await migrator(["up"], {
    url: database.url,
    dir: await backfillFolder(fillKind, { transaction: true }),
  });
  expect(run.code).toBe(20);
  expect(run.summary.message).toContain("must say transaction = false");
});

test("two backfills of one migration that share a name do not take over each other's place", async () => {
  const database = await createDatabase();
  await createCounted(database, 300);
  await database.query("CREATE TABLE notes AS TABLE posts; ALTER TABLE notes ADD PRIMARY KEY (id)");
  const failing = { table: "notes", set: "kind = (1 / (id - 250))::text", where: "kind IS NULL", batch };
  const run = await migrator(["up"], { url: database.url, dir: await backfillFolder([fillKind, failing]) });
  expect(run.code).toBe(20);
  const retry = await migrator(["up"], {
    url: database.url,
    dir: await backfillFolder([fillKind, { ...failing, set: "kind = 'note'" }]),
  });
  expect(retry.code).toBe(0);
  expect(retry.stderr).toContain("give each backfill of a migration its own name");
  expect(await database.query("SELECT FROM notes WHERE kind IS NULL")).toEqual([]);
});
