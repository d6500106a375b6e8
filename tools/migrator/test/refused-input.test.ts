import { execFileSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { expect, inject, onTestFinished, test } from "vitest";
import { duration, positiveDuration } from "../src/duration.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase, secret } from "./support/database.ts";
import { createPosts, migrationsFolder } from "./support/folder.ts";

test.each(["9999999h", "597h", "99999999999999999999", "NaN", "Infinity", "-1s", "1e3s", "5 m", "0x10s", ""])(
  "a duration of %j is none",
  (text) => {
    for (const parse of [duration, positiveDuration]) expect(() => parse(text)).toThrow(InvalidArgumentError);
  },
);

test("a duration beyond any timer: 2, and why", async () => {
  const run = await migrator(["up", "--wait=9999999h", "--json"], { url: "postgres://u:p@127.0.0.1:1/d" });
  expect(run.code, run.stderr).toBe(2);
  expect(JSON.parse(run.stdout).error.message).toMatch(/--wait.*at most 596h/);
});

test("596h is the longest, and waits", async () => {
  const { url } = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  const flags = [
    "--wait",
    "--soak",
    "--lock-timeout",
    "--lock-budget",
    "--statement-budget",
    "--idle-budget",
  ];
  const run = await migrator(["up", ...flags.flatMap((flag) => [flag, "596h"])], { url, dir });
  expect(run.code, run.stderr).toBe(0);
});

test("a file of the TLS connection that is none: 2, named", async () => {
  const { url } = await createDatabase();
  const dir = await migrationsFolder(createPosts);
  const fifo = join(dir, "ca.pem");
  execFileSync("mkfifo", [fifo]);
  const all = Object.entries({ sslrootcert: "/not/there.pem", sslcert: dir, sslkey: fifo });
  await Promise.all(
    all.map(async ([parameter, path]) => {
      const run = await migrator(["up"], { url: `${url}?sslmode=verify-full&${parameter}=${path}`, dir });
      expect(run.code, run.stderr).toBe(2);
      expect(run.summary.message).toContain(parameter);
      expect(run.summary.message).toContain(path);
      expect(run.stderr).not.toContain(secret);
    }),
  );
});

/** What may lie in the folder under the name of a migration. */
const impostors: Record<string, (path: string) => Promise<unknown>> = {
  "a FIFO": async (path) => execFileSync("mkfifo", [path]),
  "a link to what is not there": (path) => symlink("/not/there.ts", path),
  "a link that leads to itself": (path) => symlink(path, path),
  "a folder": (path) => mkdir(path),
  "a device": (path) => symlink("/dev/zero", path),
  "a socket": (path) =>
    new Promise<void>((done) => {
      const server = createServer().listen(path, done);
      onTestFinished(() => void server.close());
    }),
};

test("what only has the name of a file: 2, named, and nothing waits for it", async () => {
  const { url } = await createDatabase();
  const all = Object.entries(impostors).flatMap(([what, put]) =>
    ["1700000001000-x.mjs", "migrations.json"].map(async (name) => {
      const dir = await migrationsFolder(createPosts);
      const path = join(dir, name);
      await put(path);
      const run = await migrator(["up"], { url, dir });
      expect(run.code, run.stderr).toBe(2);
      expect(run.summary.message).toContain(`${path} cannot be read: it is ${what}`);
    }),
  );
  await Promise.all(all);
});

test("a Node.js that is too old: 2, and which it needs", () => {
  // What is asked first of it, answered as an older one would.
  const older = `Object.defineProperty(process.versions, "node", { value: "20.19.0" }); await import(process.env.PROGRAM);`;
  const sources = (tool: string) => join(import.meta.dirname, "..", "..", tool, "bin", `${tool}.mjs`);
  for (const program of [inject("program"), ...["migrator", "compat"].map(sources)]) {
    const ended = () =>
      execFileSync(process.execPath, ["--input-type=module", "-e", older], {
        env: { PATH: process.env.PATH, PROGRAM: program },
        encoding: "utf8",
        stdio: "pipe",
      });
    expect(ended, program).toThrow(
      expect.objectContaining({
        status: 2,
        stderr: expect.stringMatching(/^[\w-]+ needs Node\.js 22\.18 or newer; this is v/),
      }),
    );
  }
});
