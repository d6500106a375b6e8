import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, line, startApiServer } from "./support/api-server.ts";
import { pause, until } from "./support/gate.ts";
import { complete, failed, job } from "./support/jobs.ts";

/** The real command, where whatever it speaks to freezes, floods it or is not there. It has to end, and to say so. */
const folder = mkdtempSync(join(tmpdir(), "wait-for-job-endings-"));
const file = (name: string) => join(folder, name);
const bin = join(import.meta.dirname, "../bin/wait-for-job.mjs");
const bundle = file("dist/wait-for-job.mjs");
const SCHEMA = ["--schema", "AddCategories1760000000000", "--level", "1760000000000"];
const SECRET = "postgres://blog:hunter2@127.0.0.1:9/blog";
let api: ApiServer;
/** Accepts every connection, and says nothing. */
let frozen: Server;
const held = new Set<Socket>();
let frozenPort = 0;
/** A gate that does not end must not outlive the test that finds it. */
const children = new Set<ChildProcess>();
/** The WATCHes of these Jobs, by name, for the test to answer. */
const restless = new Map<string, ServerResponse[]>();

beforeAll(async () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts"), file("dist")]);
  execFileSync("mkfifo", [file("pipe"), file("log-pipe")]);
  writeFileSync(file("token"), "t");
  api = await startApiServer();
  api.apply(complete("done"));
  api.apply(failed("broken"));
  api.apply(job("running"));
  api.intercept((request, response) => {
    const streams = request.verb === "watch" ? restless.get(request.name) : undefined;
    if (streams === undefined) return false;
    response.writeHead(200).flushHeaders();
    return streams.push(response) > 0;
  });
  frozen = createServer((socket) => held.add(socket.on("error", () => undefined)));
  await new Promise<void>((done) => frozen.listen(0, "127.0.0.1", done));
  frozenPort = (frozen.address() as { port: number }).port;
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const socket of held) socket.destroy();
  await Promise.all([api.stop(), new Promise((done) => frozen.close(done))]);
  rmSync(folder, { recursive: true });
});

interface How {
  readonly env?: NodeJS.ProcessEnv;
  readonly main?: string;
  readonly server?: string;
  /** Leave what it prints unread. */
  readonly unread?: boolean;
}

function start(args: readonly string[], { env = {}, main = bundle, server = api.url, unread }: How = {}) {
  const child = spawn(process.execPath, [main, ...args, "--server", server, "--token-file", file("token")], {
    env: { PATH: process.env.PATH, ...env },
  });
  children.add(child);
  const output = { out: "", err: "" };
  const read = () => {
    child.stdout.on("data", (chunk) => {
      output.out += chunk;
    });
  };
  if (!unread) read();
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  const began = performance.now();
  const exited = new Promise<{ code: number | null; signal: string | null; lasted: number }>((done) =>
    child.once("exit", (code, signal) => done({ code, signal, lasted: performance.now() - began })),
  );
  const ended = new Promise<{ code: number | null; last: string; out: string; err: string }>((done) =>
    child.once("close", (code) =>
      done({ code, last: output.out.trimEnd().split("\n").at(-1) ?? "", ...output }),
    ),
  );
  return { child, output, read, exited, ended };
}

/** Code that runs in the process before the gate does. */
const before = (script: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
});

describe.concurrent("the gate ends", () => {
  const states: [string, () => readonly [string[], How]][] = [
    [
      "an API server that accepts and never answers",
      () => [["j"], { server: `http://127.0.0.1:${frozenPort}` }],
    ],
    ["a TLS handshake that is never answered", () => [["j"], { server: `https://127.0.0.1:${frozenPort}` }]],
    ["a server that drops every packet", () => [["j"], { server: "http://192.0.2.1" }]],
    [
      "a database that accepts and never answers",
      () => [["running", ...SCHEMA], { env: { DATABASE_URL: `postgres://127.0.0.1:${frozenPort}/x` } }],
    ],
    [
      "a thread that never comes back, as with a name server that is silent",
      () => [
        ["running"],
        { env: before(`process.getBuiltinModule("fs").open("${file("pipe")}", () => {})`) },
      ],
    ],
  ];

  test.each(states)("on SIGTERM and after --timeout, in time: %s", async (_, state) => {
    const [args, how] = state();
    const [told, timed] = [start(args, how), start([...args, "--timeout", "4s"], how)];
    await pause(3_000);
    const sent = performance.now();
    told.child.kill("SIGTERM");
    expect(await told.ended).toMatchObject({ code: 143, last: "Stopped by SIGTERM before the gate opened." });
    expect(performance.now() - sent).toBeLessThan(10_000);
    expect((await timed.ended).code).toBe(3);
    expect((await timed.exited).lasted).toBeLessThan(20_000);
  });

  test.each([
    ["in the end", true],
    ["ever", false],
  ])(
    "whatever a Job that changes without end has printed into a log that is not read; read %s: %s",
    async (_, read) => {
      const name = `restless-${read}`;
      api.apply(job(name));
      const streams: ServerResponse[] = [];
      restless.set(name, streams);
      const gate = start([name], { unread: true });
      await until(() => streams.length === 1, 40_000);
      const changes = Array.from({ length: 12_000 }, (_, n) =>
        line("MODIFIED", job(name, { active: n + 2 })),
      );
      streams[0]?.end(changes.join(""));
      // It has read all of it when it watches anew.
      await until(() => streams.length === 2, 40_000);
      const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gate.child.pid}/status`, "utf8"))?.[1];
      expect(Number(resident) / 1024).toBeLessThan(100);
      const message = "z".repeat(900);
      const end = job(name, { conditions: [{ type: "Failed", status: "True", message }] });
      streams[1]?.write(line("MODIFIED", end));
      if (!read) {
        expect((await gate.exited).code).toBe(1);
        return;
      }
      await pause(1_000);
      gate.read();
      const { code, last, out } = await gate.ended;
      expect([code, last]).toEqual([1, expect.stringContaining(`has Failed (${message}). See why`)]);
      expect(out.slice(-3_000)).toMatch(/\n\(\d+ lines left out: the log was not read\)\n/);
    },
  );

  test("although the termination log is a pipe that nobody reads", async () => {
    const { code, last, err } = await start(["done", "--termination-log", file("log-pipe")]).ended;
    expect([code, last]).toEqual([0, "Open: Job default/done is Complete."]);
    expect(err).toContain("Cannot write");
  });

  test("with 0, when nobody reads how to use it", async () => {
    const help = start(["--help"]);
    help.child.stdout.destroy();
    expect(await help.ended).toMatchObject({ code: 0, err: "" });
  });

  test.each([
    [`new Promise((_, no) => no(new Error(process.env.DATABASE_URL)))`, "rejected"],
    [`throw new Error(process.env.DATABASE_URL)`, "thrown"],
    [`new Promise((_, no) => no(process.env.DATABASE_URL))`, "rejected with a text"],
  ])("with 70 and no secret, when something stray is thrown: %s (%s)", async (stray) => {
    const env = { ...before(`setTimeout(() => { ${stray} }, 1500)`), DATABASE_URL: SECRET };
    for (const more of [[], ["--verbose"]]) {
      const { code, last, out, err } = await start(["running", ...more], { env }).ended;
      expect([code, last]).toEqual([
        70,
        expect.stringMatching(/^Unexpected error: .*postgres:\/\/|^Unexpected error: .*\*\*\*/),
      ]);
      expect(out + err).not.toContain("hunter2");
    }
  });

  test.each([
    [
      "sslrootcert of DATABASE_URL",
      { DATABASE_URL: `${SECRET}?sslrootcert=/nowhere/ca.crt` },
      /\/nowhere\/ca\.crt.*\(ENOENT\)/,
    ],
    ["sslkey of DATABASE_URL", { DATABASE_URL: `${SECRET}?sslkey=${file("pipe")}` }, /not a regular file/],
    ["NODE_EXTRA_CA_CERTS", { DATABASE_URL: SECRET, NODE_EXTRA_CA_CERTS: folder }, /not a regular file/],
  ])("with 2, when a file is missing: %s", async (what, env, why) => {
    const { code, last, out, err } = await start(["running", ...SCHEMA], { env }).ended;
    expect([code, last]).toEqual([2, expect.stringMatching(why)]);
    expect(last).toContain(what);
    expect(out + err).not.toContain("hunter2");
  });

  test.each(["--token-file", "--ca-file"])("with 2, when %s is no file", async (flag) => {
    for (const path of [file("pipe"), "/dev/zero"]) {
      const child = spawn(process.execPath, [
        bundle,
        "running",
        "--server",
        "https://127.0.0.1:9",
        "--token-file",
        file("token"),
        flag,
        path,
      ]);
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
      });
      expect(await new Promise((done) => child.once("close", done))).toBe(2);
      expect(out).toContain(`from ${path} (it is not a regular file)`);
    }
  });

  test.each([
    ["its sources", bin],
    ["the bundle", bundle],
  ])("with 2 and a sentence, where Node is too old: %s", async (_, main) => {
    const old = before(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.17.1' } })",
    );
    const { code, out, err } = await start(["done"], { main, env: old }).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^wait-for-job needs Node 22\.18 or later, and this is v/);
  });
});
