import { expect, test } from "vitest";
import { backfillFolder, backfillName, changes, createCounted, fillKind } from "./support/backfill.ts";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, until } from "./support/database.ts";
import { addAuthor, createPosts, migrationsFolder } from "./support/folder.ts";

const batch = { initial: 100, max: 100, throttle: false };

/** A database with its expand steps applied and a backfill left to do. */
async function pending(rows: number) {
  const database = await createDatabase();
  const dir = await migrationsFolder({ ...createPosts, name: "Begin1700000000000", up: "SELECT 1" });
  await migrator(["up"], { url: database.url, dir });
  await createCounted(database, rows);
  await backfillFolder({ ...fillKind, batch }, { phase: "backfill" }, dir);
  return { database, dir, url: database.url };
}

test("runs a pending backfill alone and records it; then there is nothing to do, unless again", async () => {
  const { database, dir, url } = await pending(500);
  const run = await migrator(["backfill", backfillName, "--json"], { url, dir });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({
    exitCode: 0,
    name: backfillName,
    outcome: "applied",
    backfills: [{ name: backfillName, state: "done", rowsDone: 500, percent: 100 }],
  });
  expect(await database.query("SELECT name FROM migrations ORDER BY id")).toContainEqual({
    name: backfillName,
  });

  await database.query("INSERT INTO posts (body) VALUES ('late')");
  const idle = await migrator(["backfill", backfillName], { url, dir });
  expect([idle.code, idle.summary.message]).toEqual([0, expect.stringContaining("nothing to do")]);
  const again = await migrator(["backfill", backfillName, "--again", "--json"], { url, dir });
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: "swept", backfills: [{ rowsDone: 1 }] });
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 501 }]);
  const recorded = await database.query("SELECT FROM migrations WHERE name = $1", [backfillName]);
  expect(recorded.length).toBe(1);
});

test("status tells how far an interrupted one is, and how long the rest takes", async () => {
  const { database, dir, url } = await pending(5_000);
  const running = start(["backfill", backfillName], { url, dir });
  await until("progress", async () => {
    const rows = await database.query("SELECT FROM migrations_backfill WHERE rows_done >= 1000");
    return rows.length > 0;
  });
  running.process.kill("SIGTERM");
  expect((await running.finished).code).toBe(143);
  const { stdout } = await migrator(["status", "--json"], { url, dir });
  const [backfill] = JSON.parse(stdout).backfills;
  expect(backfill).toMatchObject({ name: backfillName, state: "running", etaSeconds: expect.any(Number) });
  expect(backfill.percent).toBe(Math.min(99, Math.floor((backfill.rowsDone / backfill.estimate) * 100)));
  expect((await migrator(["status"], { url, dir })).stdout).toMatch(
    /backfill running \d+ %.*about \d+ s left/,
  );
});

const sizes = (stderr: string) =>
  [...stderr.matchAll(/LIMIT (\d+) FOR NO KEY UPDATE/g)].map(([, rows]) => Number(rows));

test("--batch and --target are obeyed", async () => {
  const { dir, url } = await pending(1_000);
  const run = (...flags: string[]) =>
    migrator(["backfill", backfillName, "--verbose", ...flags], { url, dir });
  const bounded = await run("--batch", "50", "--target", "1m");
  expect(bounded.code).toBe(0);
  expect(sizes(bounded.stderr).length).toBeGreaterThanOrEqual(20);
  expect(new Set(sizes(bounded.stderr))).toEqual(new Set([50]));

  const slow = await pending(1_000);
  const short = await migrator(["backfill", backfillName, "--verbose", "--target", "1ms"], slow);
  expect(short.code).toBe(0);
  expect(Math.min(...sizes(short.stderr))).toBeLessThan(100);
});

test.each([
  ["unknown", ["backfill", "Nothing1700000009000"], 2, "There is no migration named Nothing1700000009000"],
  ["of another phase", ["backfill", "Begin1700000000000"], 2, "is no backfill (expand)"],
  ["without a name", ["backfill"], 2, "missing required argument"],
])("a name that is %s: %s exits with %i", async (_, args, code, sentence) => {
  const { dir, url } = await pending(0);
  const run = await migrator(args, { url, dir });
  expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(sentence)]);
});

test("what comes before it must be applied first", async () => {
  const { database, url } = await pending(10);
  const dir = await migrationsFolder(
    { ...createPosts, name: "Begin1700000000000", up: "SELECT 1" },
    addAuthor,
  );
  await backfillFolder(fillKind, { phase: "backfill" }, dir);
  const run = await migrator(["backfill", backfillName], { url, dir });
  expect([run.code, run.summary.message]).toEqual([
    22,
    expect.stringContaining(`comes after ${addAuthor.name}`),
  ]);
  expect(await changes(database)).toEqual([{ kind: null, changes: 0, n: 10 }]);
});
