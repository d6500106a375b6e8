import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, refuse, startApiServer } from "./support/api-server.ts";
import { makeAuthority } from "./support/certificates.ts";
import { until } from "./support/gate.ts";
import { complete, failed, job } from "./support/jobs.ts";
import { ended, NO_PODS, pod, servePods } from "./support/pods.ts";

const bin = join(import.meta.dirname, "../bin/wait-for-job.mjs");
const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), "wait-for-job-process-"));
const SCHEMA = ["--schema", "AddCategories1760000000000", "--level", "1760000000000"];
const BROKEN = { uid: "broken-uid", job: "broken" };
let api: ApiServer;
let postgres: ScratchPostgres;
let databaseUrl: string;
let logs = 0;

beforeAll(async () => {
  const pods = servePods({
    ...NO_PODS,
    items: [pod("broken-aaa", { containerStatuses: [ended(20)] }, BROKEN)],
  });
  [api, postgres] = await Promise.all([startApiServer(authority, pods), startPostgres()]);
  databaseUrl = await postgres.createDatabase("gate");
  writeFileSync(join(folder, "token"), "t");
  api.apply(complete("done"));
  api.apply(failed("broken"));
  api.apply(job("running", { active: 1 }));
});
afterAll(async () => {
  await Promise.all([api.stop(), postgres.stop()]);
  rmSync(folder, { recursive: true });
  rmSync(authority.folder, { recursive: true });
});

/** Runs the real command over TLS with the flags a person outside a pod gives. */
function run(
  args: string[],
  { env = {}, log = true, main = bin }: { env?: NodeJS.ProcessEnv; log?: boolean; main?: string } = {},
) {
  logs += 1;
  const terminationLog = join(folder, `termination-${logs}`);
  if (log) writeFileSync(terminationLog, "");
  const server = ["--server", api.url, "--token-file", join(folder, "token"), "--ca-file", authority.caFile];
  const child = spawn(process.execPath, [main, ...args, ...server, "--termination-log", terminationLog], {
    env: { PATH: process.env.PATH, ...env },
  });
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  const ended = new Promise<{ code: number | null; last: string; out: string; err: string; log: string }>(
    (done) =>
      child.once("close", (code) => {
        const last = output.out.trimEnd().split("\n").at(-1) ?? "";
        done({ code, last, ...output, log: log ? readFileSync(terminationLog, "utf8") : "" });
      }),
  );
  return { child, output, ended };
}

describe.concurrent("exit codes of the real command", () => {
  test("0: a Complete Job", async () => {
    const { code, out, err, last, log } = await run(["done"]).ended;
    expect([code, out, err]).toEqual([
      0,
      "Job default/done is Complete\nOpen: Job default/done is Complete.\n",
      "",
    ]);
    expect(log).toBe(last);
  });

  test("1: a Failed Job", async () => {
    const { code, last, log } = await run(["broken"]).ended;
    expect([code, log]).toEqual([1, last]);
    expect(last).toContain("kubectl -n default logs job/broken");
  });

  test("1: --diagnostics adds what the pod says, in the termination message too", async () => {
    const { code, last, log } = await run(["broken", "--diagnostics"]).ended;
    expect([code, log]).toEqual([1, last]);
    expect(last).toMatch(
      /logs job\/broken --all-containers Pod broken-aaa: container migrator ended with exit code 20/,
    );
  });

  test.each([
    [[], "Name at least one Job."],
    [["done", "--nope"], "Unknown option '--nope'."],
    [["Done_"], '"Done_" cannot be the name of a Job: lower-case letters, digits, "-" and "." only.'],
    [[""], '"" cannot be the name of a Job: lower-case letters, digits, "-" and "." only.'],
    [
      ["done", "--timeout", "10"],
      '--timeout must be a duration like 10m, 90s or 1h30m (at most 576h), not "10".',
    ],
    [["done", "--schema", "K"], "--schema and --level belong together; give both."],
    [["done", "--level", "1"], "--schema and --level belong together; give both."],
    [["done", "--schema", "", "--level", "1"], "--schema and --level belong together; give both."],
    [["done", ...SCHEMA], "--schema needs the database in the environment variable DATABASE_URL."],
  ])("2: %j", async (args, sentence) => {
    const { code, last, err, log } = await run(args).ended;
    expect([code, last]).toEqual([2, sentence]);
    expect(err).toContain("Usage: wait-for-job <job...>");
    // A flag that cannot be read leaves the default place for the last line.
    if (!args.includes("--nope")) expect(log).toBe(sentence);
  });

  test("2: a DATABASE_URL that is none is not shown", async () => {
    const { code, out, err } = await run(["done", ...SCHEMA], {
      env: { DATABASE_URL: "mysql://u:hunter2@h/d" },
    }).ended;
    expect(code).toBe(2);
    expect(out + err).not.toContain("hunter2");
  });

  test("3: not ended in time", async () => {
    // Long enough for the first answer to come on a slow machine: without one it would be named as the reason.
    const { code, last, log } = await run(["running", "--timeout", "4s"]).ended;
    expect([code, log]).toEqual([3, last]);
    expect(last).toContain("Not open after 4s: Job default/running is not finished: 1 active, 0 failed.");
  });

  test("4: forbidden for longer than 5 s", async () => {
    let refusedAt = 0;
    api.intercept((request, response) => {
      if (request.name !== "secret") return false;
      refusedAt ||= performance.now();
      return refuse(403, "forbidden")(request, response);
    });
    const { code, last } = await run(["secret"]).ended;
    const lasted = performance.now() - refusedAt;
    expect(code).toBe(4);
    expect(last).toContain('resourceNames: ["secret"]');
    expect(lasted).toBeGreaterThan(5_000);
    expect(lasted).toBeLessThan(6_500);
  });

  test("0, 5 and 6: as the database says", async () => {
    const env = { DATABASE_URL: databaseUrl };
    const empty = await run(["done", ...SCHEMA, "--confirm-within", "200ms"], { env }).ended;
    expect([empty.code, empty.log]).toEqual([5, empty.last]);
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`CREATE SCHEMA record;
      CREATE TABLE record.migrations (id serial, "timestamp" bigint, name varchar);
      CREATE TABLE record.migrations_floor (floor bigint, contract text, state text);
      INSERT INTO record.migrations (name) VALUES ('AddCategories1760000000000')`);
    const open = await run(["absent", ...SCHEMA, "--record-schema", "record"], { env }).ended;
    expect(open.code).toBe(0);
    await client.query("INSERT INTO record.migrations_floor VALUES (1770000000000, 'DropOld', 'final')");
    await client.end();
    const old = await run(["absent", ...SCHEMA, "--record-schema", "record"], { env }).ended;
    expect(old.code).toBe(6);
    expect(old.last).toContain("DropOld");
  });

  test("0 and 5: the built bundle, with and without pg", async () => {
    const out = join(folder, "dist");
    const sizes = execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts"), out], {
      encoding: "utf8",
    });
    expect(sizes).toMatch(/without pg: [\d.]+ KB \(limit 60 KB\)\n.*with pg: [\d.]+ KB \(limit 300 KB\)/);
    const main = join(out, "wait-for-job.mjs");
    expect((await run(["done"], { main }).ended).code).toBe(0);
    const env = { DATABASE_URL: await postgres.createDatabase("bundle") };
    const { code, err, last } = await run(["done", ...SCHEMA, "--confirm-within", "1ms"], { env, main })
      .ended;
    expect([code, err]).toEqual([5, ""]);
    expect(last).toContain("the record tables are not there yet");
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("%s ends it at once, with %i", async (signal, expected) => {
    const { child, output, ended } = run(["running"]);
    await until(() => output.out.includes("is not finished"));
    const began = performance.now();
    child.kill(signal);
    const { code, last, log } = await ended;
    expect([code, last, log]).toEqual([expected, `Stopped by ${signal} before the gate opened.`, last]);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("70: an error nobody foresaw does not open, and is not taken for a failed Job", async () => {
    const odd = "--import=data:text/javascript,setTimeout(()=>{throw(new(Error)('odd'))},1500)";
    const env = { NODE_OPTIONS: odd };
    const { code, last, log } = await run(["running"], { env }).ended;
    expect([code, last, log]).toEqual([70, "Unexpected error: odd (--verbose shows more)", last]);
    const { err } = await run(["running", "--verbose"], { env }).ended;
    expect(err).toMatch(/Error: odd\n +at /);
  });

  test("--help prints the usage and exits 0", async () => {
    const { code, out } = await run(["--help"]).ended;
    expect(code).toBe(0);
    expect(out).toContain("Exit codes:");
  });

  test("no termination log: nothing is said; one that cannot be written: said, and the code stays", async () => {
    const without = await run(["done"], { log: false }).ended;
    expect([without.code, without.err]).toEqual([0, ""]);
    const child = run(["done", "--termination-log", folder]);
    expect((await child.ended).code).toBe(0);
    const broken = spawn(process.execPath, [bin, "Done_", "--termination-log", folder]);
    let err = "";
    broken.stderr.on("data", (chunk) => {
      err += chunk;
    });
    const code = await new Promise((done) => broken.once("close", done));
    expect(code).toBe(2);
    expect(err).toContain(`Cannot write ${folder}: EISDIR`);
  });

  test("a closed log does not decide what becomes of the pod", async () => {
    api.apply(job("later"));
    const { child, ended } = run(["later"]);
    child.stdout.destroy();
    child.stderr.destroy();
    // A line is printed between the LIST and the WATCH, into nothing.
    await until(() => api.requests.some(({ name, verb }) => name === "later" && verb === "watch"));
    api.apply(complete("later"));
    expect((await ended).code).toBe(0);
  });
});
