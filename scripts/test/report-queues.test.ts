import { startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { queuesOf } from "../lib/report/record/queues.ts";
import { renderReport } from "../lib/report/render.ts";
import type { RunRecord } from "../lib/report/run.ts";
import { type QueueSeen, whoWaits } from "../lib/rollout/lock-queues.ts";
import { madeUpRun } from "./report-fixture.ts";

const look = (at: number, sessions: number, longestMs: number, more: Partial<QueueSeen> = {}): QueueSeen => ({
  ...{ at, what: "posts", modes: "AccessShareLock", sessions, longestMs },
  ...more,
});

test("looks at one queue are one queue, from when its first client came; a pause or another table begins a new one", () => {
  const seen = [
    look(10_500, 2, 300),
    look(10_750, 9, 550, { modes: "AccessShareLock, RowExclusiveLock" }),
    look(10_750, 1, 20, { what: "categories" }),
    look(11_000, 7, 800),
    look(13_000, 1, 40),
  ];
  expect(queuesOf(seen, 10_000)).toEqual([
    {
      ...{ from: 200, to: 1_000, what: "posts", modes: "AccessShareLock, RowExclusiveLock" },
      ...{ sessions: 9, longestMs: 800 },
    },
    { from: 730, to: 750, what: "categories", modes: "AccessShareLock", sessions: 1, longestMs: 20 },
    { from: 2_960, to: 3_000, what: "posts", modes: "AccessShareLock", sessions: 1, longestMs: 40 },
  ]);
});

test("the report shows who waited, says that nobody did, and says nothing where nobody could look", () => {
  const run = madeUpRun("contract");
  // The script of the page is long: only what is about this is shown when a test fails.
  const shown = (more: Partial<RunRecord>) => {
    const page = renderReport({ ...run, ...more });
    return (
      page.match(
        /Clients that waited|No client was seen|Up to \d+ waited for \w+|id="queues".*?<\/table>/gs,
      ) ?? []
    );
  };
  expect(shown({})).toEqual([]);
  expect(shown({ queues: [] })).toEqual(["No client was seen"]);
  const queues = queuesOf([look(run.startedAt + 40_000, 27, 1_840)], run.startedAt);
  const [lane, title, table] = shown({ queues });
  expect([lane, title]).toEqual(["Up to 27 waited for posts", "Clients that waited"]);
  expect(table).toMatch(
    /posts <small>AccessShareLock<.*data-title="At once">27<.*data-title="Longest">1\.84? s</s,
  );
  expect(shown({ jobs: [], queues })).toEqual([lane, title, table]);
});

test("in PostgreSQL: clients behind a table's lock and a row's are seen, migrators and other databases are not", async () => {
  const postgres = await startPostgres({ settings: { fsync: "off" } });
  onTestFinished(() => postgres.stop());
  const connect = async (url: string, application_name = "client") => {
    const client = new pg.Client({ connectionString: url, application_name });
    client.on("error", () => {});
    await client.connect();
    onTestFinished(() => client.end().catch(() => {}));
    return client;
  };
  const [url, elsewhere] = [
    await postgres.createDatabase("queued"),
    await postgres.createDatabase("elsewhere"),
  ];
  const observer = await connect(url);
  /** A session holds the table, another row's change is open; each of the others wants one of the two. */
  async function crowd(where: string, names: string[]): Promise<void> {
    const holder = await connect(where);
    await holder.query(
      "CREATE TABLE posts (id int); CREATE TABLE rows (id int); INSERT INTO rows VALUES (1)",
    );
    await holder.query("BEGIN; LOCK TABLE posts; UPDATE rows SET id = 1");
    for (const name of names)
      for (const sql of ["SELECT FROM posts", "DELETE FROM posts", "UPDATE rows SET id = 1"])
        (await connect(where, name)).query(sql).catch(() => {});
  }
  await crowd(url, ["client", "migrator"]);
  await crowd(elsewhere, ["client"]);
  await expect
    .poll(async () => (await whoWaits(observer)).map(({ longestMs, ...queue }) => queue))
    .toEqual([
      { what: "another transaction", modes: "ShareLock", sessions: 1 },
      { what: "posts", modes: "AccessShareLock, RowExclusiveLock", sessions: 2 },
    ]);
  for (const { longestMs } of await whoWaits(observer)) expect(longestMs).toBeGreaterThanOrEqual(0);
});
