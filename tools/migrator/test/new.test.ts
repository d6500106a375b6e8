import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeMigrations } from "../src/index.ts";
import { buildMigrations } from "../src/migrations/build.ts";
import { type Finished, migrator } from "./support/cli.ts";
import { createDatabase, saySharedSchema } from "./support/database.ts";
import { createPosts, migrationsFolder, temporaryFolder } from "./support/folder.ts";

const posts = ["--table", "posts"];
const addSubtitle = [
  "add-column",
  "AddSubtitle",
  ...posts,
  "--column",
  "subtitle",
  "--not-null",
  "--fill",
  "upper(title)",
];
const fillTitle = ["backfill", "fill-subtitle", ...posts, "--column", "subtitle", "--fill", "'again'"];
const dropTitle = ["drop-column", "drop_title", ...posts, "--column", "title", "--not-null"];

const make = (dir: string, args: string[]): Promise<Finished> => migrator(["new", ...args], { dir });

/** Inside the workspace, where the helpers' package is found. */
async function sourcesFolder(): Promise<string> {
  const dir = await mkdtemp(join(import.meta.dirname, ".new-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const dollar = "$";

describe("what is written", () => {
  test("applies as it is, in all phases, and goes back", async () => {
    const database = await createDatabase();
    const dir = await sourcesFolder();
    await writeFile(join(dir, "1700000000000-CreatePosts.mjs"), await createPostsSource());
    expect((await up(database.url, dir)).code).toBe(0);
    await database.query("INSERT INTO posts (title) VALUES ('a'), ('b')");
    for (const args of [addSubtitle, fillTitle, dropTitle]) expect((await make(dir, args)).code).toBe(0);
    const run = await up(database.url, dir);
    expect(run.summary.message).toContain("DropTitle");
    expect(run.code).toBe(0);
    expect(await database.query("SELECT * FROM posts ORDER BY id")).toEqual([
      { id: "1", subtitle: "A" },
      { id: "2", subtitle: "B" },
    ]);
    await expect(database.query("INSERT INTO posts (subtitle) VALUES (NULL)")).rejects.toThrow(
      /null value in column/,
    );

    const back = await migrator(["rollback", "--to", "CreatePosts1700000000000"], {
      url: database.url,
      dir: await built(dir),
    });
    expect(back.summary.message).toContain("AddSubtitle");
    expect(back.code).toBe(0);
    expect(await database.query("SELECT * FROM posts ORDER BY id")).toEqual([
      { id: "1", title: null },
      { id: "2", title: null },
    ]);
  });

  test("is TypeScript that tsc accepts, also without flags, and JavaScript that loads", async () => {
    const dir = await sourcesFolder();
    for (const kind of ["add-column", "backfill", "drop-column"]) await make(dir, [kind, `Bare${kind}`]);
    for (const args of [addSubtitle, fillTitle, dropTitle]) await make(dir, args);
    await writeFile(
      join(dir, "tsconfig.json"),
      JSON.stringify({ extends: "../../../../tsconfig.json", include: ["*.ts"] }),
    );
    const tsc = join(import.meta.dirname, "..", "..", "..", "node_modules", "typescript", "bin", "tsc");
    execFileSync(process.execPath, [tsc, "-p", dir]);
    const js = await sourcesFolder();
    for (const args of [addSubtitle, fillTitle, dropTitle])
      expect((await make(js, [...args, "--js"])).code).toBe(0);
    const phases = (await describeMigrations(js)).migrations.map(
      ({ name, phase }) => `${name.slice(0, -13)} ${phase}`,
    );
    expect(phases).toEqual([
      "AddSubtitle expand",
      "AddSubtitleBackfill backfill",
      "AddSubtitleNotNull contract",
      "FillSubtitle backfill",
      "DropTitleAllowNull expand",
      "DropTitle contract",
    ]);
  });

  test("quotes what must be quoted, in SQL, in strings and in comments", async () => {
    const database = await createDatabase();
    const column = `su\`b\\t'${dollar}{i}"*/tle`;
    await database.query('CREATE SCHEMA "My App"; CREATE TABLE "My App"."Order" (id int PRIMARY KEY)');
    await database.query('INSERT INTO "My App"."Order" VALUES (1)');
    await saySharedSchema(database);
    const dir = await sourcesFolder();
    const args = [
      "--table",
      "My App.Order",
      "--column",
      column,
      "--not-null",
      "--fill",
      `'\`\\${dollar}{x}'`,
    ];
    expect((await make(dir, ["add-column", "Odd", ...args])).code).toBe(0);
    expect((await up(database.url, dir)).code).toBe(0);
    expect(await database.query('SELECT * FROM "My App"."Order"')).toEqual([
      { id: 1, [column]: `\`\\${dollar}{x}` },
    ]);
  });

  test("placeholders are refused by PostgreSQL, not written to a table", async () => {
    const database = await createDatabase();
    const dir = await sourcesFolder();
    await make(dir, ["add-column", "Bare"]);
    const run = await up(database.url, dir);
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain('"table_name" does not exist');
  });
});

describe("timestamps", () => {
  test("are those of now, in order", async () => {
    const dir = await temporaryFolder();
    const before = Date.now();
    const run = await make(dir, [...addSubtitle, "--json"]);
    const { files } = JSON.parse(run.stdout);
    const stamps = files.map(({ name }: { name: string }) => Number(name.slice(-13)));
    expect(stamps[0]).toBeGreaterThanOrEqual(before);
    expect(stamps[0]).toBeLessThanOrEqual(Date.now());
    expect(stamps).toEqual([stamps[0], stamps[0] + 1, stamps[0] + 2]);
    expect(files.map(({ path }: { path: string }) => basename(path))).toEqual((await readdir(dir)).sort());
  });

  test.each([
    ["a file's name", "4000000000000-Future.ts", "not even code"],
    ["a class", "later.mjs", "export class Future4000000000000 { up() {} }"],
    ["a name property", "later.ts", 'export class Later { name = "Future4000000000000"; }'],
  ])("come after one that lies in the future: %s", async (_, file, text) => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, file), text);
    const run = await make(dir, ["backfill", "Fill", "--json"]);
    expect(JSON.parse(run.stdout).files[0].name).toBe("Fill4000000000001");
  });

  test("cannot come after the last one there is", async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, "9999999999999-Last.ts"), "");
    const run = await make(dir, ["backfill", "Fill"]);
    expect(run.code).toBe(2);
    expect(run.summary.message).toContain("has the timestamp 9999999999999");
  });
});

describe("refused with 2 and a sentence; nothing is written", () => {
  test.each([
    ["a name with a timestamp", ["backfill", "Fill1700000000000"], /cannot be the name of a migration/],
    ["a name that begins with a digit", ["backfill", "2fast"], /cannot be the name of a migration/],
    ["a name with a path in it", ["backfill", "../Fill"], /cannot be the name of a migration/],
    [
      "NOT NULL with nothing to fill in",
      ["add-column", "Add", "--not-null"],
      /needs a value for the rows that are there/,
    ],
    ["a table with three parts", ["backfill", "Fill", "--table", "a.b.c"], /names no table/],
    ["an empty column", ["backfill", "Fill", "--column", ""], /--column is empty/],
    ["an unknown kind", ["rename-table", "Fill"], /unknown command 'rename-table'/],
    ["an unknown flag", ["backfill", "Fill", "--nonsense"], /unknown option '--nonsense'/],
    ["no name", ["backfill"], /missing required argument 'name'/],
  ])("%s", async (_, args, message) => {
    const dir = await temporaryFolder();
    const run = await make(dir, args);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toContain("    at ");
    expect(await readdir(dir)).toEqual([]);
  });

  test("a name that is there", async () => {
    const dir = await temporaryFolder();
    await make(dir, addSubtitle);
    const before = await readdir(dir);
    const run = await make(dir, ["backfill", "AddSubtitleBackfill"]);
    expect(run.code).toBe(2);
    expect(run.summary.message).toMatch(/\d{13}-AddSubtitleBackfill\.ts is there already/);
    expect(await readdir(dir)).toEqual(before);
  });

  test("a folder that was built", async () => {
    const run = await make(await built(await migrationsFolder(createPosts)), ["backfill", "Fill"]);
    expect(run.code).toBe(2);
    expect(run.summary.message).toContain("is a build (it has a migrations.json)");
  });
});

test("says what it wrote and what comes next; a folder that is not there is made", async () => {
  const dir = join(await temporaryFolder(), "db", "migrations");
  const run = await make(dir, ["add-column", "AddNote", ...posts, "--column", "note"]);
  expect(run.stdout).toMatch(
    /^expand {4}\S+\/db\/migrations\/\d{13}-AddNote\.ts\n\nThe release that brings it can read NULL in note\./,
  );
  expect(await readFile(join(dir, (await readdir(dir))[0] ?? ""), "utf8")).toContain(
    'ADD COLUMN "note" text',
  );
});

async function built(from: string): Promise<string> {
  const to = await temporaryFolder();
  await buildMigrations({
    from,
    names: (await describeMigrations(from)).migrations.map(({ name }) => name),
    to,
  });
  return to;
}

const up = async (url: string, dir: string) =>
  migrator(["up", "--phase", "all", "--wait", "20s"], { url, dir: await built(dir) });

async function createPostsSource(): Promise<string> {
  const dir = await migrationsFolder(createPosts);
  return readFile(join(dir, (await readdir(dir))[0] ?? ""), "utf8");
}
