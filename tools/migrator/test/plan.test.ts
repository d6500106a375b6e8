import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";
import { createPosts, migrationsFolder, type Source } from "./support/folder.ts";
import { lintFolder } from "./support/lint-cases.ts";
import { calling } from "./support/lint-green.ts";
import { type PlannedStatement, plan, withShadow } from "./support/shadow.ts";

const createAuthors: Source = {
  name: "CreateAuthors1700000000500",
  up: "CREATE TABLE authors (id bigint PRIMARY KEY, name varchar(10))",
};

/** The strongest locks on tables that were there before, as `mode relation`. */
const locksOf = ({ locks }: PlannedStatement) =>
  locks.filter(({ kind }) => kind === "table").map(({ mode, relation }) => `${mode} ${relation}`);

/** Plans migrations, one for each list of statements, on a database that has posts and authors. */
async function planned(...changes: Omit<Source, "name">[]) {
  const database = await createDatabase();
  const before = await migrationsFolder(createPosts, createAuthors);
  expect((await migrator(["up"], { url: database.url, dir: before })).code).toBe(0);
  const sources = changes.map((change, index) => ({ name: `Change17000000010${10 + index}`, ...change }));
  const dir = await migrationsFolder(createPosts, createAuthors, ...sources);
  const { pending, code } = await plan([], { url: database.url, dir });
  expect(code).toBe(0);
  expect(pending.map(({ name }) => name)).toEqual(sources.map(({ name }) => name));
  return pending.flatMap(({ statements }) => statements);
}

/** What `look` sees of each statement, beside the statement. */
async function eachAs(expected: Record<string, string[]>, look: (statement: PlannedStatement) => string[]) {
  const statements = await planned(...Object.keys(expected).map((up) => ({ up })));
  expect(Object.fromEntries(statements.map((one) => [one.sql, look(one)]))).toEqual(expected);
}

describe("the locks PostgreSQL takes", () => {
  test("in a transaction of its own", () =>
    eachAs(
      {
        "ALTER TABLE posts ADD COLUMN author_id bigint": ["AccessExclusiveLock posts"],
        "ALTER TABLE posts ALTER COLUMN title SET DEFAULT 'x'": ["AccessExclusiveLock posts"],
        "CREATE INDEX posts_title ON posts (title)": ["ShareLock posts"],
        "UPDATE posts SET title = 'x'": ["RowExclusiveLock posts"],
        "SELECT count(*) FROM posts": ["AccessShareLock posts"],
        "COMMENT ON TABLE posts IS 'x'": ["ShareUpdateExclusiveLock posts"],
        "CREATE TRIGGER t BEFORE UPDATE ON posts EXECUTE FUNCTION suppress_redundant_updates_trigger()": [
          "ShareRowExclusiveLock posts",
        ],
        "DROP TABLE posts": ["AccessExclusiveLock posts"],
      },
      locksOf,
    ));

  test("a foreign key NOT VALID locks both tables against writes for an instant, its validation blocks nobody", async () => {
    const [, add, validate] = await planned({
      transaction: false,
      up: [
        "ALTER TABLE posts ADD COLUMN author_id bigint",
        "ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES authors NOT VALID",
        "ALTER TABLE posts VALIDATE CONSTRAINT posts_author",
      ],
    });
    expect(locksOf(add as PlannedStatement)).toEqual([
      "ShareRowExclusiveLock authors",
      "ShareRowExclusiveLock posts",
    ]);
    expect(add?.scanned).toEqual([]);
    expect(locksOf(validate as PlannedStatement)).toEqual([
      "ShareUpdateExclusiveLock posts",
      "RowShareLock authors",
    ]);
    expect(validate?.scanned.map(({ relation }) => relation)).toContain("posts");
  });

  test("seen from another session, where a statement cannot run in a transaction", async () => {
    const up = [
      "CREATE INDEX CONCURRENTLY posts_title ON posts (title)",
      "REINDEX INDEX CONCURRENTLY posts_title",
      "DROP INDEX CONCURRENTLY posts_title",
      "VACUUM posts",
      "VACUUM FULL posts",
    ];
    const statements = await planned({ transaction: false, up });
    expect(statements.map(({ sql, watched }) => [sql, watched])).toEqual(up.map((sql) => [sql, true]));
    expect(statements.map(locksOf)).toEqual([
      ["ShareUpdateExclusiveLock posts"],
      ["ShareUpdateExclusiveLock posts"],
      ["ShareUpdateExclusiveLock posts"],
      ["ShareUpdateExclusiveLock posts"],
      ["AccessExclusiveLock posts"],
    ]);
  });
});

describe("what a statement does to a table", () => {
  test("rewrites it", () =>
    eachAs(
      {
        "ALTER TABLE posts ADD COLUMN note text DEFAULT 'constant'": [],
        "ALTER TABLE posts ADD COLUMN at timestamptz DEFAULT clock_timestamp()": ["posts"],
        "ALTER TABLE posts ALTER COLUMN title TYPE varchar(10)": ["posts"],
        "ALTER TABLE authors ALTER COLUMN name TYPE varchar(20)": [],
      },
      ({ rewritten }) => rewritten.filter(({ kind }) => kind === "table").map(({ relation }) => relation),
    ));

  test("reads all of it", () =>
    eachAs(
      {
        "ALTER TABLE posts ADD COLUMN note text": [],
        "ALTER TABLE authors ALTER COLUMN name SET NOT NULL": ["authors"],
        "ALTER TABLE posts ADD CHECK (title <> 'x')": ["posts"],
        "ALTER TABLE posts ADD CHECK (title <> 'y') NOT VALID": [],
        "CREATE INDEX posts_title ON posts (title)": ["posts"],
      },
      ({ scanned }) => scanned.map(({ relation }) => relation),
    ));

  test("a proven CHECK spares SET NOT NULL the reading", async () => {
    const statements = await planned({
      transaction: false,
      up: [
        "ALTER TABLE authors ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID",
        "ALTER TABLE authors VALIDATE CONSTRAINT named",
        "ALTER TABLE authors ALTER COLUMN name SET NOT NULL",
      ],
    });
    expect(statements.map(({ scanned }) => scanned.length)).toEqual([0, 1, 0]);
  });

  test("a lock is shown as held until its transaction ends", async () => {
    const up = ["ALTER TABLE posts ADD COLUMN a text", "ALTER TABLE authors ADD COLUMN b text"];
    const together = await planned({ up });
    expect(together.map(({ transaction }) => transaction)).toEqual([1, 1]);
    expect(together[1]?.locks).toContainEqual(
      expect.objectContaining({ relation: "posts", mode: "AccessExclusiveLock", since: 1 }),
    );
    const apart = await planned({ up, transaction: false });
    expect(apart.map(({ transaction }) => transaction)).toEqual([undefined, undefined]);
    expect(apart[1]?.locks.map(({ relation }) => relation)).not.toContain("posts");
  });
});

test("what TypeORM's schema API sends is shown, and what it only looks up is marked", async () => {
  const database = await createDatabase();
  const dir = join(import.meta.dirname, "fixtures", "typeorm-api");
  const { pending } = await plan([], { url: database.url, dir });
  const shown = pending.map(({ statements }) =>
    statements.filter(({ lookup }) => !lookup).map(({ sql }) => sql),
  );
  expect(shown).toEqual([
    [expect.stringMatching(/^CREATE TABLE "things"/)],
    [expect.stringMatching(/^CREATE +INDEX CONCURRENTLY "things_title"/)],
  ]);
  expect(pending.flatMap(({ statements }) => statements).some(({ lookup }) => lookup)).toBe(true);
});

test("parameters are shown, also those JSON does not know", async () => {
  const database = await createDatabase();
  const calls = `queryRunner.query(
      "INSERT INTO posts (title) SELECT concat($1::bigint, $2::bytea, $3::text)", [9007199254740993n, Buffer.from("hi"), "x"])`;
  const dir = await lintFolder(createPosts, { name: "Insert1700000001000", up: [], calls });
  const { pending } = await plan([], { url: database.url, dir });
  expect(pending[1]?.statements[0]?.parameters).toEqual(["9007199254740993", "\\x6869", "x"]);
  const { stdout } = await migrator(["plan"], { url: database.url, dir, env: withShadow() });
  expect(stdout).toContain('$1 = "9007199254740993"');
});

test("phases and gates are shown; --phase narrows", async () => {
  const database = await createDatabase();
  const dir = await migrationsFolder(
    createPosts,
    { name: "Fill1700000001000", phase: "backfill", transaction: false, up: "SELECT 1" },
    { name: "Drop1700000002000", phase: "contract", up: "ALTER TABLE posts DROP COLUMN title" },
  );
  const all = await plan([], { url: database.url, dir });
  expect(all.pending.map(({ phase, needs }) => [phase, needs])).toEqual([
    ["expand", undefined],
    ["backfill", undefined],
    ["contract", "1700000002000"],
  ]);
  const contract = await plan(["--phase", "contract"], { url: database.url, dir });
  expect(contract.pending.map(({ name }) => name)).toEqual(["Drop1700000002000"]);
});

test("of a backfill the batch is shown, its checkpoints are told apart", async () => {
  const database = await createDatabase();
  const before = await lintFolder(createPosts);
  expect((await migrator(["up"], { url: database.url, dir: before })).code).toBe(0);
  const dir = await lintFolder(createPosts, {
    name: "Fill1700000001000",
    phase: "backfill",
    transaction: false,
    up: [],
    calls: calling("batched", { table: "posts", set: "title = 'x'", where: "title = ''" }),
  });
  const { pending } = await plan([], { url: database.url, dir });
  const statements = pending[0]?.statements ?? [];
  const batch = statements.find(({ sql }) => sql.includes("UPDATE posts SET title = 'x'"));
  expect(locksOf(batch as PlannedStatement)).toEqual(["RowExclusiveLock posts"]);
  const same = statements.filter(({ transaction }) => transaction === batch?.transaction);
  expect(same.some(({ checkpoint }) => checkpoint)).toBe(true);
  const { stdout } = await migrator(["plan"], { url: database.url, dir, env: withShadow() });
  expect(stdout).toMatch(/statements about the checkpoint\)/);
  expect(stdout).not.toMatch(/migrations_backfill/);
});
