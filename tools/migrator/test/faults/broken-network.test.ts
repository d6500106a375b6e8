import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as bounds from "../../src/bounds.ts";
import { type Cut, cuts, startBrokenRoad } from "../support/broken-road.ts";
import { migrator, start } from "../support/cli.ts";
import { createDatabase, type TestDatabase, until } from "../support/database.ts";
import { addAuthor, createPosts, migrationsFolder, temporaryFolder } from "../support/folder.ts";

/** What it is at when the network breaks, and how its session looks to others then. */
const moments = {
  "a statement of a transaction": {
    transaction: true,
    body: `await q.query("CREATE TABLE half (id int)"); await q.query("SELECT pg_sleep(3)")`,
    seen: "state = 'active' AND query LIKE '%pg_sleep%'",
  },
  "a statement outside of one": {
    transaction: false,
    body: `await q.query("SELECT pg_sleep(3)")`,
    seen: "state = 'active' AND query LIKE '%pg_sleep%'",
  },
  "its own JavaScript, outside of one": {
    transaction: false,
    body: `await q.query("SELECT 'thinking'"); await new Promise((r) => setTimeout(r, 3_000)); await q.query("SELECT 2")`,
    seen: "state = 'idle' AND query LIKE '%thinking%'",
  },
};

type Moment = keyof typeof moments;

/** Each way in the worst moment; and each moment, where new connections fail as well and where they do not. */
const broken: [Cut, Moment][] = [
  ...(Object.keys(cuts) as Cut[]).map((cut): [Cut, Moment] => [cut, "a statement of a transaction"]),
  ...(["a statement outside of one", "its own JavaScript, outside of one"] as const).flatMap(
    (moment): [Cut, Moment][] => [
      ["both directions, also for new connections", moment],
      ["what the server says", moment],
    ],
  ),
];

/** Silence is borne ten times shorter, or each of these takes half a minute. */
const haste = 10;

async function brokenIn(cut: Cut, moment: Moment) {
  const { transaction, body, seen } = moments[moment];
  const database = await createDatabase();
  const road = await startBrokenRoad(database.url);
  const dir = await temporaryFolder();
  await writeFile(
    join(dir, "a.mjs"),
    `export class A1700000000000 { transaction = ${transaction}; async up(q) { ${body}; } }`,
  );
  const running = start(["up"], { url: road.url, dir, env: { MIGRATOR_HASTE: String(haste) } });
  await until("the moment", () => sees(database, seen), 60_000);
  road.cut(cut);
  const cutAt = performance.now();
  const run = await running.finished;
  return { database, run, tookMs: performance.now() - cutAt };
}

const sees = async ({ name, query }: TestDatabase, seen: string) => {
  const of = `SELECT FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator' AND ${seen}`;
  return (await query(of, [name])).length > 0;
};

test("wherever it breaks: lost, 30, and the lock is free again", async () => {
  const all = broken.map(async ([cut, moment]) => {
    const where = `${cut}, ${moment}`;
    const { database, run, tookMs } = await brokenIn(cut, moment);
    expect(run.code, `${where}: ${run.stderr}`).toBe(30);
    expect(run.summary, where).toMatchObject({ event: "summary", exitCode: 30 });
    // The statement, and what all the bounds come to.
    expect(tookMs, where).toBeLessThan(60_000);
    // Where it reaches nobody, the server ends by itself what it has not heard of for a minute (of ours: 6 s).
    const dir = await migrationsFolder(createPosts, addAuthor);
    const next = await migrator(["up", "--wait", "30s"], { url: database.url, dir });
    expect(next.code, `${where}: ${next.stderr}`).toBe(0);
    expect(await database.query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  });
  await Promise.all(all);
}, 180_000);

test("what is borne, from the last answer to the end, is less than a minute", () => {
  const { answerMs, askMs, silenceMs, watchEveryMs } = bounds;
  // A question may begin just before silence has been borne, and ask on an old and then on a new connection.
  expect(answerMs + silenceMs + watchEveryMs + 2 * askMs + 5_000).toBeLessThan(60_000);
  expect({ answerMs, silenceMs }).toEqual({ answerMs: 5_000, silenceMs: 10_000 });
});
