import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildMigrations, describeMigrations, MigratorError, readMigrations } from "../src/index.ts";
import {
  addAuthor,
  classOf,
  createPosts,
  fileOf,
  indexTitles,
  migrationsFolder,
  temporaryFolder,
} from "./support/folder.ts";

const failure = async (work: Promise<unknown>): Promise<MigratorError> => {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof MigratorError) return error;
  throw new Error(`expected a MigratorError, got ${String(error)}`);
};

const folderOf = async (files: Record<string, string>) => {
  const dir = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  return dir;
};

describe("readMigrations", () => {
  test("loads .ts, .js, .mjs and .cjs, in the order of their timestamps, and hashes the files", async () => {
    const typescript = `import type { MigrationInterface } from "typeorm";
export class Third1700000003000 implements MigrationInterface {
  phase = "contract" as const;
  async up(): Promise<void> {}
  async down(): Promise<void> {}
}`;
    const dir = await folderOf({
      "a.ts": typescript,
      "b.mjs": "export default class Second1700000002000 { transaction = false; async up() {} }",
      "c.cjs": "exports.First = class First1700000001000 { async up() {} };",
      "d.js": "module.exports = class { name = 'Named1700000004000'; phase = 'backfill'; async up() {} };",
      "notes.md": "",
      "types.d.ts": "export {};",
    });
    const read = await readMigrations(dir);
    expect(read.map(({ name, phase, transactional }) => [name, phase, transactional])).toEqual([
      ["First1700000001000", "expand", true],
      ["Second1700000002000", "expand", false],
      ["Third1700000003000", "contract", true],
      ["Named1700000004000", "backfill", true],
    ]);
    expect(read[2]?.sha256).toBe(createHash("sha256").update(typescript).digest("hex"));
  });

  test.each([
    ["no class", "export const x = 1;", "exports no class"],
    [
      "two classes",
      "export class A1700000000000 { up() {} }\nexport class B1700000000001 { up() {} }",
      "2 classes",
    ],
    ["a syntax error", "export class {", "cannot be used"],
    ["no timestamp", "export class AddThing { up() {} }", "without a timestamp"],
    ["an unknown phase", "export class A1700000000000 { phase = 'later'; up() {} }", '"later"'],
    [
      "a constructor that throws",
      "export class A1700000000000 { constructor() { throw new Error('boom') } up() {} }",
      "boom",
    ],
  ])("refuses a file with %s", async (_, content, message) => {
    const error = await failure(readMigrations(await folderOf({ "broken.mjs": content })));
    expect(error.exitCode).toBe(20);
    expect(error.message).toContain("broken.mjs");
    expect(error.message).toContain(message);
  });

  test.each([
    ["the same timestamp", "Other1700000000000", "same timestamp"],
    ["the same name", createPosts.name, "are both"],
  ])("refuses two migrations with %s", async (_, name, message) => {
    const dir = await folderOf({ "1.mjs": classOf(createPosts), "2.mjs": classOf({ ...createPosts, name }) });
    const error = await failure(readMigrations(dir));
    expect(error).toMatchObject({ exitCode: 21, message: expect.stringContaining(message) });
  });

  test("leaves an index aside: it lists the others", async () => {
    const dir = await migrationsFolder(createPosts);
    await writeFile(join(dir, "index.js"), `export * from "./${fileOf(createPosts)}"`);
    expect((await readMigrations(dir)).map(({ name }) => name)).toEqual([createPosts.name]);
  });

  test("refuses a folder that is missing, empty or a file, and says which", async () => {
    const dir = await temporaryFolder();
    const refused = async (path: string, message: string) =>
      expect(await failure(readMigrations(path))).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(message),
      });
    await refused(dir, "There is no migration");
    await refused(join(dir, "nowhere"), "it is not there");
    await writeFile(join(dir, "afile"), "");
    await refused(join(dir, "afile"), "it is not a folder");
  });
});

describe("buildMigrations", () => {
  test("bundles the named ones; reading the result gives names and checksums of the sources", async () => {
    const from = await migrationsFolder(createPosts, addAuthor, indexTitles);
    const to = join(await temporaryFolder(), "migrations");
    const manifest = await buildMigrations({ from, to, names: [createPosts.name, addAuthor.name] });
    expect(manifest).toMatchObject({ version: 1, schemaKey: addAuthor.name, level: "1700000001000" });
    expect(await readdir(to)).toEqual([fileOf(createPosts), fileOf(addAuthor), "migrations.json"]);
    const sources = await readMigrations(from);
    const built = await readMigrations(to);
    expect(built.map(({ name, sha256 }) => [name, sha256])).toEqual(
      sources.slice(0, 2).map(({ name, sha256 }) => [name, sha256]),
    );
    expect((await describeMigrations(from)).migrations.slice(0, 2)).toEqual(manifest.migrations);
  });

  test("takes them from several folders, in one order, and refuses two that claim the same place", async () => {
    const from = [await migrationsFolder(createPosts, indexTitles), await migrationsFolder(addAuthor)];
    const to = join(await temporaryFolder(), "migrations");
    const names = [createPosts, addAuthor, indexTitles].map(({ name }) => name);
    const { migrations } = await buildMigrations({ from, to, names });
    expect(migrations.map(({ name }) => name)).toEqual(names);
    const twice = [...from, await migrationsFolder(addAuthor)];
    expect(await failure(buildMigrations({ from: twice, to, names }))).toMatchObject({ exitCode: 21 });
  });

  test("the schema key is the last expand migration, the level the last of any phase", async () => {
    const from = await migrationsFolder(createPosts, { ...addAuthor, phase: "contract" });
    expect(await describeMigrations(from)).toMatchObject({
      schemaKey: createPosts.name,
      level: "1700000001000",
    });
  });

  test("the same sources give the same bytes", async () => {
    const names = [createPosts.name];
    const build = async () => {
      const to = await temporaryFolder();
      await buildMigrations({ from: await migrationsFolder(createPosts), to, names });
      return readFile(join(to, fileOf(createPosts)), "utf8");
    };
    expect(await build()).toBe(await build());
  });

  test("refuses a name that is not there", async () => {
    const from = await migrationsFolder(createPosts);
    const error = await failure(
      buildMigrations({ from, to: await temporaryFolder(), names: ["Gone1700000009000"] }),
    );
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining("Gone1700000009000") });
  });

  test("a built folder that lost or gained a file is refused", async () => {
    const from = await migrationsFolder(createPosts, addAuthor);
    const to = await temporaryFolder();
    await buildMigrations({ from, to, names: [createPosts.name, addAuthor.name] });
    await writeFile(join(to, "extra.mjs"), classOf(indexTitles));
    expect(await failure(readMigrations(to))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("extra.mjs"),
    });
    await rm(join(to, "extra.mjs"));
    await rm(join(to, fileOf(addAuthor)));
    expect(await failure(readMigrations(to))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("not there"),
    });
  });
});
