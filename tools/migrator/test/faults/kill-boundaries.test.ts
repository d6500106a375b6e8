import { expect, inject, test } from "vitest";
import type { BatchedSpec } from "../../src/online/index.ts";
import { backfillFolder } from "../support/backfill.ts";
import { migrator, start } from "../support/cli.ts";
import { createPosts, migrationsFolder, type Source } from "../support/folder.ts";
import { type Boundary, converse } from "./boundary.ts";
import { snapshotOf } from "./snapshot.ts";
import { type Copy, template } from "./template.ts";

/** Each transaction of a migration leaves one line, so one that ran twice leaves two. */
const ledger = (name: string) => `INSERT INTO ledger VALUES ('${name}')`;

const first: Source = {
  ...createPosts,
  up: [
    createPosts.up,
    "INSERT INTO posts (title) SELECT 'post ' || i FROM generate_series(1, 3) AS i",
    "CREATE TABLE ledger (name text NOT NULL)",
    // A row that is changed twice by the backfill breaks the key.
    "CREATE TABLE changed (id bigint PRIMARY KEY)",
    "CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO changed VALUES (NEW.id); RETURN NEW; END $$",
    "CREATE TRIGGER note_change BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION note_change()",
  ].flat(),
};

const sample: Source[] = [
  {
    name: "AddAuthors1700000001000",
    up: [
      "CREATE TABLE authors (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)",
      "INSERT INTO authors (name) VALUES ('nobody')",
      "ALTER TABLE posts ADD COLUMN author_id bigint",
      "ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES authors NOT VALID",
      ledger("AddAuthors"),
    ],
  },
  {
    name: "IndexTitles1700000002000",
    transaction: false,
    // Not written to be repeated: whether it was done, marker and catalog say.
    up: "CREATE INDEX /* of */ CONCURRENTLY posts_title ON posts (title)",
  },
  {
    name: "ValidateAuthors1700000003000",
    transaction: false,
    up: "ALTER TABLE posts VALIDATE CONSTRAINT posts_author",
  },
  {
    name: "RequireAuthors1700000005000",
    phase: "contract",
    up: ["ALTER TABLE posts ALTER COLUMN author_id SET NOT NULL", ledger("RequireAuthors")],
  },
];

// Two batches of the first pass; without probes in a second session, the statements are always the same.
const fillAuthors: BatchedSpec = {
  table: "posts",
  set: "author_id = (SELECT id FROM authors)",
  where: "author_id IS NULL",
  batch: { initial: 2, max: 2, throttle: false },
};

/** Everything that can be seen of a database, and how often each thing was applied. */
const outcome = async (database: Copy) => ({
  ...(await database.query(snapshotOf))[0],
  ledger: await database.query("SELECT name FROM ledger ORDER BY name"),
  authors: await database.query("SELECT name FROM authors"),
  changed: await database.query("SELECT id FROM changed ORDER BY id"),
});

// The watch over lock waits looks every third of this: so long, it never does, and the statements are always the same.
const up = ["up", "--phase", "all", "--lock-timeout", "60s"];

test("SIGKILL at every statement boundary: the next run finishes, and nothing differs from an unbroken one", async () => {
  const dir = await migrationsFolder(first, ...sample);
  await backfillFolder(fillAuthors, { name: "FillAuthors1700000004000", phase: "backfill" }, dir);
  const before = await template(async (url) => {
    expect((await migrator(["up", "--to", first.name], { url, dir })).code).toBe(0);
  });

  const unbroken = await before.copy();
  const plain = await converse(unbroken.url);
  expect((await migrator(up, { url: plain.url, dir })).code).toBe(0);
  const expected = await outcome(unbroken);

  const killed: string[] = [];
  // On the oldest PostgreSQL only where the two can differ in what they keep.
  const all = boundaries(plain.statements).filter(
    ({ side }) => side === "after" || inject("postgres") === "18",
  );
  await atOnce(2, all, async (boundary) => {
    const database = await before.copy();
    let kill = () => {};
    const way = await converse(database.url, boundary, () => kill());
    const running = start(up, { url: way.url, dir });
    kill = () => running.process.kill("SIGKILL");
    const { signal, stderr } = await running.finished;
    const where = `${boundary.side} statement ${boundary.statement}: ${way.reached()}`;
    expect(signal, `${where}\n${stderr}`).toBe("SIGKILL");
    await way.close();
    await database.quiet();

    const retry = await migrator(up, { url: database.url, dir });
    expect(retry.code, `${where}\n${retry.stderr}`).toBe(0);
    expect(await outcome(database), where).toEqual(expected);
    await database.drop();
    killed.push(where);
  });
  expect(killed).toHaveLength(all.length);
}, 900_000);

/** Changes nothing that outlives its session: a process killed after it leaves what one killed before it does. */
const passes = (text: string) => /^(SELECT|SET|RESET|WITH RECURSIVE\s+client AS)/.test(text);

/**
 * Before each statement, but for those that follow one that changed nothing; and after those that last, when the server
 * has done what nobody was told of. After any other one the server knows what it knows before the next.
 */
function boundaries(statements: readonly string[]): Boundary[] {
  let open = false;
  return statements.flatMap((text, index): Boundary[] => {
    open = /^(START TRANSACTION|BEGIN)/.test(text) || (open && !/^(COMMIT|ROLLBACK)/.test(text));
    const lasts = !open && !passes(text);
    const statement = index + 1;
    const same = index > 0 && passes(statements[index - 1] ?? "");
    return [
      ...(same ? [] : [{ statement, side: "before" as const }]),
      ...(lasts ? [{ statement, side: "after" as const }] : []),
    ];
  });
}

/** Takes from one list in several lanes. */
async function atOnce<T>(
  lanes: number,
  things: Iterable<T>,
  use: (thing: T) => Promise<void>,
): Promise<void> {
  const queue = things[Symbol.iterator]();
  const lane = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await use(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
