import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { migrate } from "../../schema.ts";
import type { Release } from "../../src/release.ts";
import * as brokenLock from "../../src/releases/broken-lock.ts";
import * as brokenNotNull from "../../src/releases/broken-not-null.ts";
import * as brokenRename from "../../src/releases/broken-rename.ts";
import * as failing from "../../src/releases/failing.ts";
import * as slow from "../../src/releases/slow.ts";
import * as v1 from "../../src/releases/v1.ts";
import * as v2 from "../../src/releases/v2.ts";
import * as v3 from "../../src/releases/v3.ts";
import * as v4 from "../../src/releases/v4.ts";
import * as welcome from "../../src/releases/welcome.ts";

export const releases = {
  v1,
  v2,
  v3,
  v4,
  "broken-rename": brokenRename,
  "broken-not-null": brokenNotNull,
  "broken-lock": brokenLock,
  failing,
  slow,
  welcome,
} satisfies Record<string, Release>;
export type ReleaseName = keyof typeof releases;

/** The schema that a release makes in the end, or that of v3 before the old code is gone. */
export type SchemaName = ReleaseName | "v3 expand";
export const migrationsOf = (schema: SchemaName): readonly string[] =>
  schema === "v3 expand"
    ? v3.migrations.slice(0, v3.migrations.indexOf("AddGeneralCategory1770000000000") + 1)
    : releases[schema].migrations;

/** A database of its own, empty or with a schema. */
export async function createDatabase(schema?: SchemaName): Promise<string> {
  const name = `blog_${randomUUID().slice(0, 8)}`;
  await sql(inject("adminUrl"), `CREATE DATABASE ${name}`);
  const url = inject("adminUrl").replace(/\/postgres$/, `/${name}`);
  if (schema) await migrate(url, migrationsOf(schema));
  return url;
}

/** Runs one statement on a connection of its own. */
export async function sql<Row extends object>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = await connect(url);
  try {
    return (await client.query<Row & pg.QueryResultRow>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "test" });
  // Some tests have PostgreSQL end every session.
  client.on("error", () => {});
  await client.connect();
  return client;
}
