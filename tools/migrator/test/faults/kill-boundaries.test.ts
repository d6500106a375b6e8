import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { migrator, start } from "../support/cli.ts";
import { createPosts, indexTitles, migrationsFolder, type Source } from "../support/folder.ts";
import { type Boundary, converse } from "./boundary.ts";
import { snapshotOf } from "./snapshot.ts";
import { type Copy, template } from "./template.ts";

/** Each transaction of a migration leaves one line, so one that ran twice leaves two. */
const ledger = (name: string) => `INSERT INTO ledger VALUES ('${name}')`;

const first: Source = {
  ...createPosts,
  up: [createPosts.up, "CREATE TABLE ledger (name text NOT NULL)"].flat(),
};

const sample: Source[] = [
  {
    name: "AddAuthors1700000001000",
    up: [
      "CREATE TABLE authors (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)",
      "ALTER TABLE posts ADD COLUMN author_id bigint",
      "ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES authors NOT VALID",
      "INSERT INTO authors (name) VALUES ('nobody')",
      ledger("AddAuthors"),
    ],
  },
  { ...indexTitles, name: "IndexTitles1700000002000" },
  {
    name: "ValidateAuthors1700000003000",
    transaction: false,
    up: "ALTER TABLE posts VALIDATE CONSTRAINT posts_author",
  },
];

/** Everything that can be seen of a database, and how often each thing was applied. */
const outcome = async (database: Copy) => ({
  ...(await database.query(snapshotOf))[0],
  ledger: await database.query("SELECT name FROM ledger ORDER BY name"),
  authors: await database.query("SELECT name FROM authors"),
});

// The watch over lock waits looks every third of this: so long, it never does, and the statements are always the same.
const up = ["up", "--lock-timeout", "60s"];
// Compiling the bundle is half of a process's start, and there are two for each boundary.
const env = { NODE_COMPILE_CACHE: join(tmpdir(), "migrator-compile-cache") };

test("SIGKILL at every statement boundary: the next run finishes, and nothing differs from an unbroken one", async () => {
  const dir = await migrationsFolder(first, ...sample);
  const before = await template(async (url) => {
    expect((await migrator(["up", "--to", first.name], { url, dir })).code).toBe(0);
  });

  const unbroken = await before.copy();
  const plain = await converse(unbroken.url);
  expect((await migrator(up, { url: plain.url, dir, env })).code).toBe(0);
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
    const running = start(up, { url: way.url, dir, env });
    kill = () => running.process.kill("SIGKILL");
    const { signal, stderr } = await running.finished;
    const where = `${boundary.side} statement ${boundary.statement}: ${way.reached()}`;
    expect(signal, `${where}\n${stderr}`).toBe("SIGKILL");
    await way.close();
    await database.quiet();

    const retry = await migrator(up, { url: database.url, dir, env });
    expect(retry.code, `${where}\n${retry.stderr}`).toBe(0);
    expect(await outcome(database), where).toEqual(expected);
    await database.drop();
    killed.push(where);
  });
  expect(killed).toHaveLength(all.length);
}, 180_000);

/**
 * Before each statement; and after those that last, when the server has done what nobody was told of. After any other
 * one the server knows what it knows before the next.
 */
function boundaries(statements: readonly string[]): Boundary[] {
  let open = false;
  return statements.flatMap((text, index): Boundary[] => {
    open = /^(START TRANSACTION|BEGIN)/.test(text) || (open && !/^(COMMIT|ROLLBACK)/.test(text));
    const lasts = !open && !/^(SELECT|SET|RESET)/.test(text);
    const statement = index + 1;
    return lasts
      ? [
          { statement, side: "before" },
          { statement, side: "after" },
        ]
      : [{ statement, side: "before" }];
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
