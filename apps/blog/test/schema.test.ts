import { readFile } from "node:fs/promises";
import { DataSource } from "typeorm";
import { expect, it } from "vitest";
import { migrations } from "#release";
import { describeSchema, migrate, readAllMigrations, schemaFile } from "../schema.ts";
import { createDatabase, releases, sql } from "./setup/database.ts";

it("schema.sql is what the migrations make (refresh: node apps/blog/schema.ts --write)", async () => {
  expect(await describeSchema(await createDatabase("v3"))).toBe(await readFile(schemaFile, "utf8"));
  expect(migrations).toEqual(releases.v3.migrations);
});

it("the description sees a column, an index and a constraint that differ", async () => {
  const url = await createDatabase("v2");
  const before = await describeSchema(url);
  for (const change of [
    "ALTER TABLE posts ADD COLUMN extra text DEFAULT 'x'",
    "CREATE INDEX extra_idx ON posts (title)",
    "ALTER TABLE posts ADD CONSTRAINT extra_check CHECK (title <> '') NOT VALID",
    "ALTER TABLE posts ALTER COLUMN title DROP NOT NULL",
  ]) {
    const now = await describeSchema(url);
    await sql(url, change);
    expect(await describeSchema(url), change).not.toBe(now);
  }
  expect(await describeSchema(url)).not.toBe(before);
});

it("from each release to the next is the same as from nothing", async () => {
  const url = await createDatabase("v1");
  for (const name of ["v2", "v3"] as const) await migrate(url, releases[name].migrations);
  expect(await describeSchema(url)).toBe(await readFile(schemaFile, "utf8"));
});

it.each(["v4", "broken-rename", "broken-not-null"] as const)(
  "each migration of %s can be undone, down to an empty database",
  async (name) => {
    const url = await createDatabase(name);
    const known = (await readAllMigrations())
      .filter((migration) => releases[name].migrations.includes(migration.name))
      .sort((a, b) => a.timestamp - b.timestamp);
    const db = await new DataSource({ type: "postgres", url }).initialize();
    for (const { instance } of known.reverse()) {
      const runner = db.createQueryRunner();
      await instance.down(runner);
      await runner.release();
    }
    await db.destroy();
    expect(await describeSchema(url)).not.toMatch("CREATE");
  },
);
