import { describe, expect, inject, test } from "vitest";
import { backfillFolder, checkpoint } from "./support/backfill.ts";
import { migrator } from "./support/cli.ts";
import { createDatabase, saySharedSchema } from "./support/database.ts";

/** Small enough that every key is written down and read back many times. */
const batch = { initial: 7, max: 7, throttle: false };
const where = "kind IS NULL";
const set = "kind = 'note', changes = changes + 1";
const rest = "kind text, changes int NOT NULL DEFAULT 0";

interface Key {
  what: string;
  create: string;
  fill: string;
  key?: string[];
  table?: string;
}

const keys: Key[] = [
  {
    what: "bigint GENERATED ALWAYS AS IDENTITY, beyond what a JavaScript number can hold",
    create: `CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY (START 9007199254740990) PRIMARY KEY, ${rest})`,
    fill: "INSERT INTO posts (kind) SELECT NULL FROM generate_series(1, 60)",
  },
  {
    what: "uuid",
    create: `CREATE TABLE posts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ${rest})`,
    fill: "INSERT INTO posts (kind) SELECT NULL FROM generate_series(1, 60)",
  },
  {
    what: "text with quotes, backslashes, accents and the empty string",
    create: `CREATE TABLE posts (slug text PRIMARY KEY, ${rest})`,
    fill: `INSERT INTO posts SELECT repeat(c, n) FROM unnest(ARRAY['''', '"', '\\', 'é', 'Z', 'a,b', '{', ' ']) c, generate_series(0, 7) n
           ON CONFLICT DO NOTHING`,
  },
  {
    what: "timestamptz to the microsecond, and infinity",
    create: `CREATE TABLE posts (at timestamptz PRIMARY KEY, ${rest})`,
    fill: `INSERT INTO posts SELECT timestamptz '2026-03-29 00:59:59.999990+00' + n * interval '1 microsecond' FROM generate_series(1, 60) n
           UNION ALL SELECT 'infinity' UNION ALL SELECT '-infinity'`,
  },
  {
    what: "several columns of several types",
    create: `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
      CREATE TABLE posts (tenant uuid, mood mood, price numeric(12,4), code character(3), ${rest}, PRIMARY KEY (tenant, mood, price, code))`,
    fill: `INSERT INTO posts SELECT md5((n % 3)::text)::uuid, (enum_range(NULL::mood))[1 + n % 3], n / 7.0, 'c' || n % 2 FROM generate_series(1, 60) n`,
  },
  {
    what: "a unique index beside the primary key, its columns named in another order, one of them quoted",
    create: `CREATE TABLE posts (id serial PRIMARY KEY, "group" int NOT NULL, place int NOT NULL, ${rest});
      CREATE UNIQUE INDEX ON posts ("group", place)`,
    fill: `INSERT INTO posts ("group", place) SELECT n % 4, n FROM generate_series(1, 60) n`,
    key: ["place", "group"],
  },
  {
    what: "a partitioned table",
    create: `CREATE TABLE posts (id bigint, month int, ${rest}, PRIMARY KEY (id, month)) PARTITION BY LIST (month);
      CREATE TABLE posts_1 PARTITION OF posts FOR VALUES IN (1); CREATE TABLE posts_2 PARTITION OF posts FOR VALUES IN (2)`,
    fill: "INSERT INTO posts SELECT n, 1 + n % 2 FROM generate_series(1, 60) n",
  },
  {
    what: "a quoted table in another schema",
    create: `CREATE SCHEMA "my blog"; CREATE TABLE "my blog"."Posts" (id int PRIMARY KEY, ${rest})`,
    fill: `INSERT INTO "my blog"."Posts" SELECT n FROM generate_series(1, 60) n`,
    table: `"my blog"."Posts"`,
  },
];

test.each(keys)("visits every row once, by $what", async ({ create, fill, key, table = "posts" }) => {
  const database = await createDatabase();
  await saySharedSchema(database);
  await database.query(create);
  await database.query(fill);
  const [before] = await database.query(`SELECT count(*)::int AS n FROM ${table}`);
  const dir = await backfillFolder({ table, ...(key && { key }), set, where, batch });
  const run = await migrator(["up"], { url: database.url, dir });
  expect(run.summary.message).toContain("applied");
  expect(
    await database.query(`SELECT kind, changes, count(*)::int AS n FROM ${table} GROUP BY 1, 2`),
  ).toEqual([{ kind: "note", changes: 1, ...before }]);
  expect(Number((await checkpoint(database))?.cursor.scanned)).toBe(before?.n);
});

describe("refuses, with a sentence and before it changes anything,", () => {
  const refusals = [
    ["a key with NULLs", "a int UNIQUE", ["a"], "posts_a_key holds NULLs: a is not NOT NULL"],
    ["no key at all", "a int", undefined, "posts has no primary key"],
    ["columns that are not unique", "a int NOT NULL", ["a"], "posts has no unique index on (a)"],
    ["a part of a key", "a int, b int, PRIMARY KEY (a, b)", ["a"], 'Name one of these as key: ["a", "b"]'],
  ] as const;

  test.each(refusals)("%s", async (_, columns, key, sentence) => {
    const database = await createDatabase();
    await saySharedSchema(database);
    await database.query(`CREATE TABLE posts (${columns}, kind text)`);
    const spec = { table: "posts", set: "kind = 'note'", where, ...(key && { key: [...key] }) };
    const run = await migrator(["up"], { url: database.url, dir: await backfillFolder(spec) });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain(sentence);
  });

  test.each([
    ["partial", "CREATE UNIQUE INDEX by_a ON posts (a) WHERE a > 0", "by_a is partial"],
    ["of another collation", `CREATE UNIQUE INDEX by_a ON posts (b COLLATE "POSIX")`, "by_a has a collation"],
  ])("an index that is %s", async (_, index, sentence) => {
    const database = await createDatabase();
    await saySharedSchema(database);
    await database.query(
      `CREATE TABLE posts (a int NOT NULL, b text COLLATE "C" NOT NULL, kind text); ${index}`,
    );
    const key = [index.includes("(a)") ? "a" : "b"];
    const dir = await backfillFolder({ table: "posts", key, set: "kind = 'note'", where });
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain(sentence);
  });

  test.runIf(Number(inject("postgres")) >= 18)("a NOT NULL that was never validated", async () => {
    const database = await createDatabase();
    await saySharedSchema(database);
    await database.query(`CREATE TABLE posts (a int, kind text); INSERT INTO posts VALUES (NULL), (1);
      ALTER TABLE posts ADD CONSTRAINT a_there NOT NULL a NOT VALID; CREATE UNIQUE INDEX by_a ON posts (a)`);
    const dir = await backfillFolder({ table: "posts", key: ["a"], set: "kind = 'note'", where });
    const run = await migrator(["up"], { url: database.url, dir });
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain("by_a holds NULLs");
  });

  test("a view, and a table that is not there", async () => {
    const database = await createDatabase();
    await saySharedSchema(database);
    await database.query("CREATE VIEW posts AS SELECT 1 AS id, NULL::text AS kind");
    const of = (table: string) => backfillFolder({ table, set: "kind = 'note'", where });
    const view = await migrator(["up"], { url: database.url, dir: await of("posts") });
    expect(view.summary.message).toContain("posts is no table");
    const nothing = await migrator(["up"], { url: database.url, dir: await of("nothing") });
    expect(nothing.summary.message).toContain("there is no table nothing");
  });
});
