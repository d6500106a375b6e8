import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as typeorm from "typeorm";
import { expect, test } from "vitest";
import { provided } from "../src/migrations/provided.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";
import { temporaryFolder } from "./support/folder.ts";

const typeormFolder = dirname(createRequire(import.meta.url).resolve("typeorm"));

/** TypeORM's own CLI, as a project runs it. */
const typeormCli = (args: string[], url = "") =>
  promisify(execFile)(process.execPath, [join(typeormFolder, "cli.js"), ...args], {
    env: { ...process.env, DATABASE_URL: url },
  });

const dataSource = join(import.meta.dirname, "fixtures", "typeorm-cli", "data-source.cjs");

/** Outside of the repository, without any node_modules above it. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const dir = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

test.each([
  ["TypeScript", [], undefined],
  ["TypeScript beside a package.json that says CommonJS", [], "commonjs"],
  ["JavaScript", ["--outputJs"], undefined],
  ["JavaScript of ES modules", ["--outputJs", "--esm"], "module"],
])("runs what migration:create and migration:generate write: %s", async (_, options, type) => {
  const database = await createDatabase();
  const dir = await folderWith(type === undefined ? {} : { "package.json": JSON.stringify({ type }) });
  await typeormCli(["migration:create", join(dir, "Empty"), "--timestamp", "1700000000000", ...options]);
  const generate = ["migration:generate", join(dir, "Things"), "--dataSource", dataSource];
  await typeormCli([...generate, "--timestamp", "1700000001000", ...options], database.url);
  expect(readdirSync(dir).filter((file) => /^17/.test(file))).toHaveLength(2);

  const run = await migrator(["up", "--json"], { url: database.url, dir, cwd: dir });
  expect(run.summary.message).toContain("applied Empty1700000000000");
  expect(JSON.parse(run.stdout).applied.map(({ name }: { name: string }) => name)).toEqual([
    "Empty1700000000000",
    "Things1700000001000",
  ]);
  await database.query("INSERT INTO thing (title) VALUES ('it is there')");
});

const createThings = `
  async up(queryRunner) {
    await queryRunner.createTable(new Table({ name: "things", columns: [{ name: "id", type: "int" }] }));
    await queryRunner.addColumn("things", new TableColumn({ name: "title", type: "text", isNullable: true }));
  }
  async down(queryRunner) {}
}`;

test.each([
  ["import", "1-a.mjs", 'import { Table, TableColumn } from "typeorm";\nexport class A1700000000000 {'],
  [
    "require",
    "1-a.cjs",
    'const { Table, TableColumn } = require("typeorm");\nexports.A = class A1700000000000 {',
  ],
  [
    "an import in a shared file",
    "1-a.ts",
    'import { Table, TableColumn } from "./shared/typeorm.ts";\nexport class A1700000000000 {',
  ],
])("TypeORM's classes are the migrator's own, by %s, whatever a node_modules has", async (_, file, head) => {
  const database = await createDatabase();
  const dir = await folderWith({
    [file]:
      head +
      createThings.replaceAll("queryRunner)", file.endsWith(".ts") ? "queryRunner: any)" : "queryRunner)"),
    "shared/typeorm.ts": 'export { Table, TableColumn } from "typeorm";',
    "node_modules/typeorm/index.js": 'throw new Error("another copy")',
  });
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.summary.message).toContain("applied A1700000000000");
  expect(await database.query("SELECT id, title FROM things")).toEqual([]);
});

test("the helpers are there without a node_modules, types among the imports included", async () => {
  const database = await createDatabase();
  const dir = await folderWith({
    "1-a.ts": `import { batched, BatchedSpec, setNotNull } from "@schema-rollout/migrator/online";
import { MigrationInterface, QueryRunner } from "typeorm";

const spec: BatchedSpec = { table: "t", set: "a = 1", where: "a IS NULL" };

export class A1700000000000 implements MigrationInterface {
  transaction = false;
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("CREATE TABLE t AS SELECT g AS id, NULL::int AS a FROM generate_series(1, 3) g");
    await queryRunner.query("ALTER TABLE t ADD PRIMARY KEY (id)");
    await batched(queryRunner, spec);
    await setNotNull(queryRunner, { table: "t", column: "a" });
  }
  async down(): Promise<void> {}
}`,
  });
  expect((await migrator(["up"], { url: database.url, dir })).code).toBe(0);
  expect(await database.query("SELECT sum(a)::int AS sum FROM t")).toEqual([{ sum: 3 }]);
});

test("other files of the process keep the TypeORM they have", async () => {
  const dir = await folderWith({
    "look.mjs": 'import { x } from "typeorm";\nconsole.log(x);',
    "node_modules/typeorm/index.js": "exports.x = 'its own';",
    "migrations/1-a.mjs":
      'import { Table } from "typeorm";\nexport class A1700000000000 { async up() { Table; } }',
  });
  const index = join(import.meta.dirname, "..", "src", "index.ts");
  const script = `import { readMigrations } from ${JSON.stringify(index)};
    await readMigrations("migrations");
    await import(${JSON.stringify(join(dir, "look.mjs"))});`;
  const args = ["--input-type=module", "-e", script];
  expect((await promisify(execFile)(process.execPath, args, { cwd: dir })).stdout).toBe("its own\n");
});

test.each([
  [
    "an enum",
    "1-a.ts",
    "enum Kind { A }\nexport class A1700000000000 { async up() {} }",
    "erasable TypeScript only",
  ],
  ["a package that is not there", "1-a.mjs", 'import "nonesuch";', "node_modules above the migrations"],
  ["a package that is not there, by require", "1-a.cjs", 'require("nonesuch");', "buildMigrations"],
  ["a file without its ending", "1-a.mjs", 'import "./shared/things";', "with its ending"],
])("says what to do about %s", async (_, file, content, next) => {
  const dir = await folderWith({ [file]: content, "shared/things.ts": "" });
  const run = await migrator(["status"], { url: (await createDatabase()).url, dir });
  expect(run.code).toBe(20);
  expect(run.summary.next).toContain(next);
});

test("every type that TypeORM's index declares can be imported", () => {
  const values = new Set(Object.keys(typeorm));
  const types = declared(join(typeormFolder, "index")).filter((name) => !values.has(name));
  expect(types).toContain("MigrationInterface");
  expect([...new Set(types)].sort()).toEqual(provided.get("typeorm")?.types);
});

test("every type of the helpers can be imported", () => {
  const index = join(import.meta.dirname, "..", "src", "online", "index.ts");
  const types = [...readFileSync(index, "utf8").matchAll(/\btype (\w+)/g)].map(([, name]) => name);
  expect(types.sort()).toEqual(provided.get("@schema-rollout/migrator/online")?.types);
});

/** The names that a declaration file exports, itself or from others. */
function declared(file: string): string[] {
  const text = readFileSync(`${file}.d.ts`, "utf8");
  const own = text.matchAll(
    /^export (?:declare )?(?:type|interface|(?:abstract )?class|function|const|enum) (\w+)/gm,
  );
  const lists = text.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const others = text.matchAll(/^export (?:type )?\* from "(.*)"/gm);
  return [
    ...[...own].map(([, name = ""]) => name),
    ...[...lists].flatMap(([, names = ""]) => names.match(/\w+/g) ?? []),
    ...[...others].flatMap(([, from = ""]) =>
      declared(join(dirname(file), from === "./error" ? "./error/index" : from)),
    ),
  ];
}
