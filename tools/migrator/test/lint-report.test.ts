import { chmod, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { migrationsFolder, temporaryFolder } from "./support/folder.ts";
import { inUse, lintFolder } from "./support/lint-cases.ts";
import { calling } from "./support/lint-green.ts";
import { lint, withShadow } from "./support/shadow.ts";

const since = ["--since", inUse.name];
const change = (up: string | string[], properties = "") => ({ name: "Change1600000001000", up, properties });

describe("-- ok: reason", () => {
  const rename = "ALTER TABLE posts RENAME COLUMN body TO content";
  const two =
    "ALTER TABLE posts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid(), DROP COLUMN subtitle";

  test.each([
    ["the one finding", change(`-- ok: nobody reads it yet\n${rename}`)],
    ["a named rule", change(`-- ok(rename): nobody reads it yet\n${rename}`)],
    ["in another kind of comment", change(`/* ok(rename): nobody reads it yet */ ${rename}`)],
    ["behind the statement", change(`${rename}; -- ok(rename): nobody reads it yet`)],
    ["of the class, for what helpers send", change(rename, 'ok = { rename: "nobody reads it yet" };')],
  ])("accepts %s, and lists it with its reason", async (_, source) => {
    const dir = await lintFolder(inUse, source);
    const { findings, code, summary } = await lint(since, { dir });
    expect(findings).toMatchObject([{ rule: "rename", accepted: "nobody reads it yet" }]);
    expect(code).toBe(0);
    expect(summary.message).toBe("1 migration judged: 0 findings unsafe, 1 accepted");
    const text = await migrator(["lint", ...since], { dir, env: withShadow() });
    expect(text.stdout).toMatch(/^ok rename: Change1600000001000[\s\S]*nobody reads it yet/);
  });

  test.each([
    ["no reason", `-- ok\n${rename}`, ["rename", "override"], /gives no reason/],
    ["an empty reason", `-- ok(rename):\n${rename}`, ["rename", "override"], /gives no reason/],
    [
      "another rule",
      `-- ok(drop-in-use): x\n${rename}`,
      ["rename", "override"],
      /accepts nothing: there is only rename/,
    ],
    ["nothing to accept", "-- ok: x\nSELECT 1", ["override"], /accepts nothing: there is no such finding/],
    [
      "one of two, not named",
      `-- ok: x\n${two}`,
      ["drop-in-use", "rewrite-default", "override"],
      /there are 2/,
    ],
    ["words that only begin so", `-- okay: x\n${rename}`, ["rename"], /becomes content/],
  ])("is refused with %s", async (_, up, rules, message) => {
    const { findings, code } = await lint(since, { dir: await lintFolder(inUse, change(up)) });
    expect(findings.map(({ rule }) => rule)).toEqual(rules);
    expect(findings.at(-1)?.message).toMatch(message);
    expect(findings.every(({ accepted }) => accepted === undefined)).toBe(true);
    expect(code).toBe(20);
  });

  test("accepts one of two and leaves the other", async () => {
    const { findings, code } = await lint(since, {
      dir: await lintFolder(inUse, change(`-- ok(drop-in-use): unused since 2019\n${two}`)),
    });
    expect(findings.map(({ rule, accepted }) => [rule, accepted])).toEqual([
      ["drop-in-use", "unused since 2019"],
      ["rewrite-default", undefined],
    ]);
    expect(code).toBe(20);
  });

  test("squawk's own ways to silence it are none here; --exclude is one, and lists what it leaves out", async () => {
    const up = "-- squawk-ignore ban-char-field\nALTER TABLE posts ADD COLUMN code char(3)";
    const dir = await lintFolder(inUse, change(up));
    await writeFile(join(dir, ".squawk.toml"), 'excluded_rules = ["ban-char-field"]\n');
    const silenced = await lint(since, { dir, cwd: dir });
    expect(silenced.findings.map(({ rule }) => rule)).toEqual(["squawk/ban-char-field"]);
    expect(silenced.code).toBe(20);
    const excluded = await lint([...since, "--exclude", "rename, squawk/ban-char-field"], { dir });
    expect(excluded.findings).toMatchObject([
      { rule: "squawk/ban-char-field", accepted: "left out by --exclude" },
    ]);
    expect(excluded.code).toBe(0);
  });
});

test("GitHub gets a mark on file and line, and no command out of somebody's SQL", async () => {
  const dir = await lintFolder(
    inUse,
    change(["SELECT 1", "/* 100%\n::error::injected */ ALTER TABLE posts RENAME COLUMN body TO content"]),
  );
  const { stdout, code } = await migrator(["lint", ...since, "--format", "github"], {
    dir,
    env: { ...withShadow(), GITHUB_WORKSPACE: dir },
  });
  expect(code).toBe(20);
  const lines = stdout.split("\n");
  expect(lines[0]).toMatch(
    /^::error file=1600000001000-Change\.mjs,line=\d+,title=rename::posts\.body becomes content.*%0ALock: ACCESS EXCLUSIVE on posts.*%0A/,
  );
  const [, token] = /^::stop-commands::(.+)$/.exec(lines[1] ?? "") ?? [];
  expect(token).toBeTruthy();
  expect(stdout.indexOf(`::${token}::`)).toBeGreaterThan(stdout.indexOf("UNSAFE rename"));
});

test("the line is that of the statement in the source, also of a built folder", async () => {
  const sources = await temporaryFolder();
  await writeFile(
    join(sources, "1600000001000-Change.ts"),
    `import type { QueryRunner } from "typeorm";

export class Change1600000001000 {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT 1");
    await runner.query(\`
      ALTER TABLE posts
        RENAME COLUMN body TO content\`);
  }
}
`,
  );
  await writeFile(join(sources, "other.ts"), "export const nothing = 1;\n");
  const dir = await lintFolder(
    inUse,
    change("\n      ALTER TABLE posts\n        RENAME COLUMN body TO content"),
  );
  const { findings } = await lint([...since, "--sources", sources], { dir });
  expect(findings).toMatchObject([
    { rule: "rename", line: 7, file: relative(process.cwd(), join(sources, "1600000001000-Change.ts")) },
  ]);
});

test("a migration that fails is a finding that names it and its statement", async () => {
  const up = ["SELECT 1", "ALTER TABLE nowhere ADD COLUMN a text"];
  const { findings, code } = await lint(since, { dir: await lintFolder(inUse, change(up)) });
  expect(code).toBe(20);
  expect(findings).toMatchObject([{ rule: "fails", migration: "Change1600000001000", sql: up[1] }]);
});

test.each([
  ["ALTER TABLE posts ALTER COLUMN body SET NOT NULL", ["contract-work", "set-not-null"]],
  ["ALTER TABLE posts ADD COLUMN tag text NOT NULL", ["required-column"]],
  ['ALTER TABLE public.posts ADD "Tag" text NOT NULL', ["required-column"]],
])("%s fails over rows of an earlier migration, and is judged all the same", async (up, rules) => {
  const rows = { name: "Rows1600000000500", up: "INSERT INTO posts (id) VALUES (1)" };
  const bare = await lint(since, { dir: await lintFolder(inUse, rows, change(["SELECT 1", up])) });
  expect(bare.code).toBe(20);
  expect(bare.findings.map(({ rule }) => rule)).toEqual([...rules, "fails"]);
  expect(bare.findings[0]).toMatchObject({
    sql: up,
    lock: { mode: "AccessExclusiveLock", relation: "posts" },
  });
  const ok = `ok = ${JSON.stringify(Object.fromEntries(rules.map((rule) => [rule, "we are closed"])))};`;
  const dir = await lintFolder(inUse, rows, change(["SELECT 1", up], ok));
  const accepted = await lint(since, { dir });
  expect(accepted.findings.map(({ rule, accepted }) => [rule, accepted])).toEqual([
    ...rules.map((rule) => [rule, "we are closed"]),
    ["fails", undefined],
  ]);
  expect(accepted.code).toBe(20);
});

test("a NULL that is inserted fails with the same code and is no matter of the column", async () => {
  const up = "INSERT INTO posts (id, title) VALUES (1, NULL)";
  const { findings } = await lint(since, { dir: await lintFolder(inUse, change(up)) });
  expect(findings.map(({ rule }) => rule)).toEqual(["fails"]);
});

test("a batch that fails before its checkpoint is not blamed for having none", async () => {
  const rows = { name: "Rows1600000000500", up: "INSERT INTO posts (id) VALUES (1)" };
  const fill = {
    name: "Fill1600000001000",
    phase: "backfill",
    transaction: false,
    up: [],
    calls: calling("batched", { table: "posts", set: "kind = 'a'", where: "kind = 'a'" }),
  };
  const { findings, code } = await lint(since, { dir: await lintFolder(inUse, rows, fill) });
  expect(findings.map(({ rule }) => rule)).toEqual(["fails"]);
  expect(findings[0]?.message).toMatch(/the backfill would never end/);
  expect(code).toBe(20);
});

test("an unnamed CONCURRENTLY, which the executor refuses, is a finding too", async () => {
  const dir = await lintFolder(inUse, {
    name: "Change1600000001000",
    transaction: false,
    up: "CREATE INDEX CONCURRENTLY ON posts (body)",
  });
  const { findings, code } = await lint(since, { dir });
  expect(code).toBe(20);
  expect(findings[0]?.message).toMatch(/names no index/);
});

test("what is there already must run, or nothing can be said", async () => {
  const broken = { name: "Broken1600000000500", up: "CREATE TABLE posts (id int)" };
  const dir = await lintFolder(inUse, broken, change("SELECT 1"));
  const { code, summary } = await migrator(["lint", "--since", broken.name], { dir, env: withShadow() });
  expect(code).toBe(20);
  expect(summary.message).toMatch(/could not be brought to where the migrations start: Broken1600000000500/);
});

describe("without squawk nothing is judged", () => {
  const run = async (squawk: string) => {
    const dir = await migrationsFolder(inUse, change("SELECT 1"));
    return migrator(["lint", ...since], { dir, env: { ...withShadow(), SQUAWK: squawk } });
  };

  test("not installed: a sentence and 2", async () => {
    const { code, summary } = await run(join(await temporaryFolder(), "squawk"));
    expect(code).toBe(2);
    expect(summary.message).toMatch(/squawk, which judges the SQL, cannot be used: there is none at/);
    expect(summary.next).toMatch(/npm install/);
  });

  test.each([
    ["ends with a fault", "#!/bin/sh\necho kaputt >&2\nexit 3\n", /it ended with 3 and said: kaputt/],
    ["says nothing", "#!/bin/sh\nexit 0\n", /it ended with 0 and said: nothing/],
    ["is no program", "kaputt", /it (does not start|ended with)/],
  ])("%s", async (_, script, message) => {
    const path = join(await temporaryFolder(), "squawk");
    await writeFile(path, script);
    await chmod(path, 0o755);
    const { code, summary } = await run(path);
    expect(code).toBe(2);
    expect(summary.message).toMatch(message);
  });
});

test.each([
  [["--since", "Nobody1600000000000"], /There is no migration named Nobody/],
  [["--since", inUse.name, "--base", "."], /both say where to start/],
  [["--base", "/nowhere"], /--base \/nowhere cannot be read/],
  [["--format", "html"], /format/],
  [["--exclude", "rename,nosuchrule"], /--exclude nosuchrule: there is no such rule/],
  [["--exclude", "squawk/nosuchrule"], /--exclude squawk\/nosuchrule: there is no such rule/],
  [["--exclude", "ban-char-field"], /squawk's own as squawk\/NAME/],
])("usage: %s", async (args, message) => {
  const dir = await migrationsFolder(inUse);
  const { code, stderr } = await migrator(["lint", ...args], { dir, env: withShadow() });
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
