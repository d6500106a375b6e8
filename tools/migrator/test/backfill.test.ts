import { describe, expect, test } from "vitest";
import {
  backfillFolder,
  backfillName,
  changes,
  checkpoint,
  createCounted,
  fillKind,
} from "./support/backfill.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";

describe("a table of", () => {
  test.each([0, 1, 25_000])("%i rows: each is changed once, and the record says so", async (rows) => {
    const database = await createDatabase();
    await createCounted(database, rows);
    const run = await migrator(["up"], { url: database.url, dir: await backfillFolder(fillKind) });
    expect(run.stderr).not.toContain('"level":"error"');
    expect(run.code).toBe(0);
    expect(await changes(database)).toEqual(rows === 0 ? [] : [{ kind: "note", changes: 1, n: rows }]);
    expect(await checkpoint(database)).toMatchObject({ rows_done: String(rows), state: "done" });
    expect(run.log.find(({ message }) => message.includes("is done"))).toMatchObject({
      migration: backfillName,
      rowsDone: rows,
    });
  });
});

test("a stretch where nothing is to be done is walked in bounded steps, too", async () => {
  const database = await createDatabase();
  await createCounted(database, 25_000);
  await database.query("ALTER TABLE posts DISABLE TRIGGER USER");
  await database.query("UPDATE posts SET kind = 'old' WHERE id < 25000");
  const run = await migrator(["up", "--verbose"], { url: database.url, dir: await backfillFolder(fillKind) });
  expect(run.code).toBe(0);
  const steps = run.stderr.match(/LIMIT \d+ FOR NO KEY UPDATE/g) ?? [];
  expect(steps.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...steps.map((step) => Number(step.split(" ")[1])))).toBeLessThanOrEqual(10_000);
  expect(await checkpoint(database)).toMatchObject({ rows_done: "1", state: "done" });
});
