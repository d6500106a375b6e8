import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exitCodes } from "../src/exit-codes.ts";
import { bodyName, migrationWith } from "./support/body.ts";
import { startBrokenRoad } from "./support/broken-road.ts";
import { type Finished, migrator, type Running, start } from "./support/cli.ts";
import { createDatabase, secret, urlOf } from "./support/database.ts";
import { temporaryFolder } from "./support/folder.ts";

const began = `await q.query("CREATE TABLE IF NOT EXISTS half (id int)"); console.log("at it");`;
const forEver = "await new Promise(() => setInterval(() => {}, 1e6));";
const loop = "for (;;) {}";

/** A server that takes a connection, after which `asked` is true, and never says a word. */
async function silentServer() {
  let asked = false;
  const server = createServer(() => {
    asked = true;
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { url: `postgres://somebody:${secret}@127.0.0.1:${port}/blog`, asked: () => asked };
}

async function stopped({ process, stderr, finished }: Running, when: (stderr: string) => boolean) {
  const deadline = Date.now() + 90_000;
  while (!when(stderr())) {
    if (Date.now() > deadline) throw new Error(`it never got there: ${stderr()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  process.kill("SIGTERM");
  const told = performance.now();
  const run = await finished;
  return { run, tookMs: performance.now() - told };
}

/** Whoever opens it waits for a writer. */
async function fifo(): Promise<string> {
  const path = join(await temporaryFolder(), "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

const atIt = (stderr: string) => stderr.includes("at it");
/** Starts something that does not end, and says when it is there. */
const states: Record<string, () => Promise<[Running, (stderr: string) => boolean, url?: string]>> = {
  "a migration that waits for ever, in a transaction": () =>
    never("up", `${began} await new Promise(() => {});`),
  "a migration that waits for ever, outside of one": () => never("up", `${began} ${forEver}`, false),
  "an endless loop": () => never("up", `${began} ${loop}`),
  "an endless loop outside of a transaction": () => never("up", `${began} ${loop}`, false),
  "a regular expression": () => never("up", `${began} /^(a+)+$/.test("a".repeat(64) + "b");`),
  "a thread of the pool that never comes back": async () =>
    never(
      "up",
      `${began} (await import("node:fs")).open(${JSON.stringify(await fifo())}, () => {}); ${forEver}`,
    ),
  "the same for status, as with a name server that is silent": async () => {
    const { url, asked } = await silentServer();
    const open = `process.getBuiltinModule("fs").open(${JSON.stringify(await fifo())}, () => {});`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(open)}` };
    return [start(["status", "--json"], { url, dir: await migrationWith(""), env }), asked];
  },
  "a process it has started": () =>
    never("up", `${began} (await import("node:child_process")).execSync("sleep 60; true");`),
  "the plan of a loop": async () => {
    const { url } = await createDatabase();
    const dir = await migrationWith(`${began} ${loop}`);
    return [start(["plan", "--json", "--shadow", await emptyShadow()], { url, dir }), atIt];
  },
  "a command that loops": async () => {
    const { url } = await createDatabase();
    const COMMANDS_DIR = await migrationWith("", {
      before: `export default async (db) => { await db.query("SELECT 1"); console.log("at it"); ${loop} };`,
    });
    return [start(["run", "1700000005000-body", "--json"], { url, env: { COMMANDS_DIR } }), atIt, url];
  },
  "a network that breaks during a statement": async () => {
    const { url } = await createDatabase();
    const road = await startBrokenRoad(url);
    const dir = await migrationWith(`${began} await q.query("SELECT pg_sleep(3600)");`);
    const running = start(["up", "--json"], { url: road.url, dir });
    return [
      running,
      (stderr) => {
        if (!atIt(stderr)) return false;
        road.cut("both directions, also for new connections");
        return true;
      },
    ];
  },
  "a server that never says a word": async () => {
    const { url, asked } = await silentServer();
    return [start(["up", "--json"], { url, dir: await migrationWith("") }), asked];
  },
  "the same for status": async () => {
    const { url, asked } = await silentServer();
    return [start(["status", "--json"], { url, dir: await migrationWith("") }), asked];
  },
  "the same for bootstrap": async () => {
    const { url, asked } = await silentServer();
    const env = {
      MIGRATOR_DATABASE_URL: urlOf("b", "m", secret),
      APP_DATABASE_URL: urlOf("b", "a", secret),
    };
    return [start(["bootstrap", "--json"], { url, env }), asked];
  },
  "the same for a shadow": async () => {
    const { url } = await createDatabase();
    const shadow = await silentServer();
    const dir = await migrationWith("");
    return [start(["lint", "--json", "--shadow", shadow.url], { url, dir }), shadow.asked];
  },
  "a file that waits for ever": async () => {
    const dir = await migrationWith("", { before: `console.error("at it"); ${forEver}` });
    return [start(["up", "--json"], { url: (await silentServer()).url, dir }), atIt];
  },
};

async function never(
  command: string,
  body: string,
  transaction = true,
): Promise<[Running, (stderr: string) => boolean, string]> {
  const { url } = await createDatabase();
  const dir = await migrationWith(body, { transaction });
  return [start([command, "--json"], { url, dir }), atIt, url];
}

/** Of a role that may make no other one: it is used as it is. */
const emptyShadow = async () => (await createDatabase()).url;

function oneEnd({ code, stdout, stderr, log }: Finished, what: string): void {
  expect(
    exitCodes.map((known) => known.code),
    `${what}: ${stderr}`,
  ).toContain(code);
  expect(
    log.filter(({ event }) => event === "summary"),
    what,
  ).toHaveLength(1);
  expect(stdout, what).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(stdout), what).toMatchObject({ exitCode: code });
  expect(stdout + stderr, what).not.toContain(secret);
}

test("SIGTERM ends it within 10 s in every state: 143, told once, the lock free", async () => {
  const all = Object.entries(states).map(async ([what, begin]) => {
    const [running, there, url] = await begin();
    const { run, tookMs } = await stopped(running, there);
    oneEnd(run, what);
    expect(run.code, `${what}: ${run.stderr}`).toBe(143);
    expect(tookMs, what).toBeLessThan(10_000);
    if (url === undefined) return;
    const dir = await migrationWith("");
    expect((await migrator(["up", "--wait", "10s"], { url, dir })).code, `after ${what}`).toBe(0);
  });
  await Promise.all(all);
}, 180_000);

test("without a signal: 20 and a sentence, by --idle-budget; what works may take longer", async () => {
  const outside = { transaction: false };
  const all = [
    { body: `${began} await new Promise(() => {});`, says: "kept its transaction open" },
    { body: `${began} ${forEver}`, options: outside, says: "has sent no statement for 2 s" },
    { body: `${began} ${loop}`, options: outside, says: "kept the process busy" },
    { body: `await q.query("SELECT pg_sleep(3)");`, options: outside, says: undefined },
    { body: `await q.connection.query("SELECT pg_sleep(3)");`, options: outside, says: undefined },
  ].map(async ({ body, options, says }) => {
    const { url } = await createDatabase();
    const dir = await migrationWith(body, options);
    const run = await migrator(["up", "--json", "--idle-budget", "2s"], { url, dir });
    oneEnd(run, body);
    expect(run.code, `${body}: ${run.stderr}`).toBe(says === undefined ? 0 : 20);
    if (says === undefined) return;
    expect(run.summary.message, body).toContain(says);
    if (options === outside && !body.includes("for (")) expect(run.summary.message).toContain(bodyName);
    expect((await migrator(["up", "--wait", "5s"], { url, dir: await migrationWith("") })).code).toBe(0);
  });
  await Promise.all(all);
});
