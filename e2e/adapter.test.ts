import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import { judgeLedger } from "@schema-rollout/scripts/lib/load/ledger.ts";
import { type RawLoad, readRaw } from "@schema-rollout/scripts/lib/load/raw.ts";
import { readAdapter } from "@schema-rollout/scripts/lib/load/read-adapter.ts";
import { readEverything } from "@schema-rollout/scripts/lib/load/read-back.ts";
import { startLoad } from "@schema-rollout/scripts/lib/load/run.ts";
import { artifacts, root } from "@schema-rollout/scripts/lib/paths.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { resolveTool } from "@schema-rollout/toolchain";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildGuestbook } from "./fixtures/guestbook/build.ts";
import { nextMove } from "./k6/moves.ts";

/** The load and the ledger through an adapter of a service that is not the blog; no cluster takes part. */
const folder = join(root, "e2e/fixtures/guestbook");
const adapterFile = join(folder, "adapter.ts");
const port = 41_410;
const url = `http://127.0.0.1:${port}`;

let postgres: ScratchPostgres;
let database: pg.Client;
let guestbook: ChildProcess;
let raw: RawLoad;

beforeAll(async () => {
  await buildGuestbook();
  postgres = await startPostgres({ settings: { fsync: "off" } });
  const DATABASE_URL = await postgres.createDatabase("guestbook");
  const env = { ...process.env, DATABASE_URL, PORT: String(port), DRAIN_SECONDS: "2" };
  await sh({
    env,
  })`${process.execPath} tools/migrator/bin/migrator.mjs up --migrations ${join(folder, "dist/migrations-2")}`;
  guestbook = spawn(process.execPath, [join(folder, "dist/app-2.mjs")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const listens = guestbook.stdout && once(guestbook.stdout, "data");
  const ended = once(guestbook, "exit").then(([code]) => {
    throw new Error(`the guestbook ended with ${code} before it listened`);
  });
  // It goes on living after that, until it is told to end.
  ended.catch(() => {});
  await Promise.race([listens, ended]);
  database = new pg.Client({ connectionString: DATABASE_URL });
  await database.connect();

  const k6 = (await resolveTool("k6")).path;
  const where = { adapter: adapterFile, url, folder: join(artifacts, "e2e/adapter") };
  const load = await startLoad({ k6, ...where, rates: { reused: 15, new: 5 }, run: "adapter" });
  // Some 200 moves after each user's first one: that none of them is an edit (a tenth) happens in one run of a billion.
  await sleep(15_000);
  await load.stop();
  raw = await readRaw(load.rawFiles);
});
afterAll(async () => {
  guestbook?.kill("SIGKILL");
  await database?.end();
  await postgres?.stop();
});

const judged = async () => judgeLedger(raw, await readEverything(url, await readAdapter(adapterFile)));

test("what a service does not have goes to reads", () => {
  const moves = (has: Parameters<typeof nextMove>[2], written = true) => {
    const counted: Record<string, number> = {};
    for (let percent = 0; percent < 100; percent++) {
      const move = nextMove((percent + 0.5) / 100, written, has);
      counted[move] = (counted[move] ?? 0) + 1;
    }
    return counted;
  };
  const all = {
    edit: { send: call, done: () => true },
    remove: { send: call, done: () => true },
    page: { send: call, right: () => true },
  };
  expect(moves(all)).toEqual({ create: 15, edit: 10, delete: 3, read: 32, page: 15, list: 25 });
  expect(moves({})).toEqual({ create: 15, read: 45, list: 40 });
  expect(moves({ remove: all.remove })).toEqual({ create: 15, read: 42, delete: 3, list: 40 });
  // As long as this virtual user has nothing of its own.
  expect(moves(all, false)).toEqual({ create: 100 });
});
const call = () => ({ method: "GET", path: "/" });

test("every move the service has is made, none that it has not, and the header says which release answered", () => {
  expect(raw.unreadable).toEqual([]);
  expect(raw.answers.filter(({ ok }) => !ok)).toEqual([]);
  expect(new Set(raw.answers.map(({ k }) => k))).toEqual(new Set(["create", "edit", "read", "list"]));
  expect(new Set(raw.answers.map(({ c }) => c))).toEqual(new Set(["reused", "new"]));
  expect(new Set(raw.answers.map(({ v }) => v))).toEqual(new Set(["2"]));
});

test("what was acknowledged is found again; what gets lost, altered or doubled is missed", async () => {
  const untouched = await judged();
  expect(untouched).toMatchObject({ lostWrites: 0, alteredWrites: 0, duplicatedWrites: 0 });
  expect(untouched.acknowledgedWrites).toBeGreaterThan(10);

  const oldest = "SELECT key FROM entries ORDER BY key LIMIT 1";
  await database.query(`DELETE FROM entries WHERE key = (${oldest})`);
  await database.query(`UPDATE entries SET message = 'another' WHERE key = (${oldest})`);
  await database.query(
    "INSERT INTO entries (author, message) SELECT author, message FROM entries ORDER BY key DESC LIMIT 1",
  );
  expect(await judged()).toMatchObject({ lostWrites: 1, alteredWrites: 1, duplicatedWrites: 1 });
});

test("the guestbook cuts off nobody when it is told to stop", async () => {
  const exit = once(guestbook, "exit");
  const seen: (string | number | null)[] = [];
  // Fetch keeps its connection; once told to close it, it comes back on a new one. In a cluster nobody comes any more when
  // the drain of two seconds is over: whoever does then may be refused, or reset before it was let in.
  let leave = false;
  const visitor = async () => {
    while (!leave) {
      const answer = await fetch(`${url}/v1/entries?count=1`).catch((error) => error.cause.code as string);
      if (typeof answer === "string") return seen.push(answer);
      await answer.text();
      seen.push(answer.status, answer.headers.get("connection"));
      await sleep(20);
    }
  };
  const visitors = Array.from({ length: 5 }, visitor);
  await sleep(200);
  guestbook.kill("SIGTERM");
  await sleep(200);
  expect((await fetch(`${url}/healthy`)).status).toBe(503);
  await sleep(800);
  leave = true;
  await Promise.all(visitors);
  expect(new Set(seen)).toEqual(new Set([200, "keep-alive", "close"]));
  expect(await exit).toEqual([0, null]);
});
