import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../../src/exit-codes.ts";
import { type Finished, migrator } from "../support/cli.ts";
import { createDatabase, secret, type TestDatabase } from "../support/database.ts";
import { createPosts, migrationsFolder, type Source, temporaryFolder } from "../support/folder.ts";

const fillTitles: Source = {
  name: "FillTitles1700000001000",
  phase: "backfill",
  up: "UPDATE posts SET title = 'none' WHERE title = ''",
};

/** Every command, with what it needs to get as far as the database. */
const commands: Record<string, (url: string) => string[]> = {
  up: () => [],
  backfill: () => [fillTitles.name],
  rollback: () => [],
  plan: (url) => ["--shadow", url],
  lint: (url) => [`--shadow=${url}`],
  status: () => [],
  baseline: (url) => ["--shadow", url],
  bootstrap: () => [],
  run: () => ["seed"],
};
/** Has no use for a database. */
const offline = ["new", "help"];

/** Every way a URL can be wrong, and what it means. */
const wrong: Record<string, { change: (url: URL) => string; code: number }> = {
  "nobody listens": { change: (url) => url.href.replace(url.port, "1"), code: 30 },
  "no such host": { change: (url) => url.href.replace(url.hostname, "no-such-host.invalid"), code: 30 },
  "a wrong password": { change: (url) => url.href.replace(secret, `${secret}-wrong`), code: 31 },
  "a wrong password in the query": {
    change: (url) => `${url.href.replace(`:${secret}`, "")}?password=${secret}-wrong`,
    code: 31,
  },
  "an @ in the password": { change: (url) => url.href.replace(secret, `a@${secret}"x`), code: 31 },
  "no such database": { change: (url) => url.href.replace(/[^/]+$/, "nowhere"), code: 2 },
  "a stray % in the password": { change: (url) => url.href.replace(secret, `${secret}%`), code: 2 },
  "no port number": { change: (url) => url.href.replace(url.port, "port"), code: 2 },
  "another database": { change: (url) => url.href.replace("postgres:", "mysql:"), code: 2 },
};

const environment = async (database: TestDatabase) => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "commands"));
  await writeFile(
    join(folder, "commands", "seed.mjs"),
    "export default (dataSource) => dataSource.query('SELECT 1')",
  );
  return {
    COMMANDS_DIR: join(folder, "commands"),
    MIGRATOR_DATABASE_URL: database.as("somebody", secret),
    APP_DATABASE_URL: database.as("somebody_else", secret),
  };
};

/** What every failure of every command looks like. */
function readable(run: Finished, verbose: boolean): void {
  const output = run.stdout + run.stderr;
  expect(output).not.toContain(secret);
  expect(exitCodes.map(({ code }) => code)).toContain(run.code);
  expect(run.log.filter(({ event }) => event === "summary")).toHaveLength(1);
  expect(run.summary).toMatchObject({ exitCode: run.code, message: expect.stringMatching(/\.$/) });
  expect(run.summary.next).toBeTruthy();
  if (!verbose) expect(output).not.toMatch(/\n\s+at |"stack"/);
}

test("the commands tried here are all there are", async () => {
  const { stdout } = await migrator(["--help"]);
  const section = stdout.slice(stdout.indexOf("Commands:"), stdout.indexOf("Environment:"));
  const listed = [...section.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...Object.keys(commands), ...offline].sort());
});

test("a URL where a command belongs", async () => {
  const { url } = await createDatabase();
  const run = await migrator([url, "--verbose"]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("unknown command");
  expect(run.stdout + run.stderr).not.toContain(secret);
});

describe.each(Object.entries(wrong))("%s", (_, { change, code }) => {
  test.each(Object.keys(commands))("%s: the documented code, one sentence, no password", async (command) => {
    const database = await createDatabase();
    const url = change(new URL(database.url));
    const dir = await migrationsFolder(createPosts, fillTitles);
    const args = [command, ...(commands[command]?.(url) ?? [])];
    const env = await environment(database);
    for (const flags of [[], ["--verbose", "--json"]]) {
      const run = await migrator([...args, ...flags], { url, dir, env });
      readable(run, flags.length > 0);
      expect(run.code, run.stderr).toBe(code);
    }
  });
});

/** Folders that cannot be used, and what that means. */
const folders: Record<string, { files: Record<string, string> | undefined; code: number }> = {
  "a folder that is not there": { files: undefined, code: 2 },
  "a folder without migrations": { files: { "notes.md": "" }, code: 2 },
  "a file that does not parse": { files: { "a.mjs": "export class {" }, code: 20 },
  "a file that prints the URL and throws": {
    files: { "a.mjs": "throw new Error('cannot load ' + process.env.DATABASE_URL)" },
    code: 20,
  },
  "a class without up": { files: { "a.mjs": "export class A1700000000000 {}" }, code: 20 },
};

describe.each(Object.entries(folders))("%s", (_, { files, code }) => {
  const readers = Object.keys(commands).filter((command) => !["bootstrap", "run"].includes(command));
  test.each(readers)("%s: the documented code, one sentence, no password", async (command) => {
    const { url } = await createDatabase();
    const dir = join(await temporaryFolder(), "migrations");
    if (files) await mkdir(dir);
    for (const [name, content] of Object.entries(files ?? {})) await writeFile(join(dir, name), content);
    for (const flags of [[], ["--verbose"]]) {
      const run = await migrator([command, ...(commands[command]?.(url) ?? []), ...flags], { url, dir });
      readable(run, flags.length > 0);
      expect(run.code, run.stderr).toBe(code);
    }
  });
});
