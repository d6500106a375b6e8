import type { QueryRunner } from "typeorm";
import { describe, expect, test } from "vitest";
import { createDatabase } from "./support/database.ts";
import { openRunner, prepare } from "./support/online.ts";
import { scenarios } from "./support/scenarios.ts";

const modes = [
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
];
/** From here on it stops readers or writers. */
const strong = modes.indexOf("ShareLock");

interface Seen {
  sql: string;
  /** The strongest lock on any table, as its place in `modes`; -1 for none. */
  mode: number;
  rowsRead: number;
}

/** Runs each statement in a transaction and looks, before that ends, at its locks and at what it read. */
function watched(runner: QueryRunner, schema: string): Seen[] {
  const plain = runner.query.bind(runner) as (...call: unknown[]) => Promise<unknown>;
  const rows = plain as <Row>(...call: unknown[]) => Promise<Row[]>;
  const seen: Seen[] = [];
  const read = async () => {
    const [row] = await rows<{ n: string }>(
      "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) AS n FROM pg_stat_xact_user_tables",
    );
    return Number(row?.n ?? 0);
  };
  runner.query = (async (sql: string, ...rest: unknown[]) => {
    // CONCURRENTLY has transactions of its own; online-live.test.ts looks at it from outside.
    if (/CONCURRENTLY|^(START|SET|RESET|SHOW|ROLLBACK|COMMIT)/.test(sql)) return plain(sql, ...rest);
    const own = !runner.isTransactionActive;
    if (own) await plain("SELECT pg_stat_force_next_flush()");
    if (own) await plain("BEGIN");
    const before = await read();
    const result = await plain(sql, ...rest);
    const rowsRead = (await read()) - before;
    const held = await rows<{ mode: string }>(
      `SELECT DISTINCT mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND nspname = $1`,
      [schema],
    );
    if (own) await plain("COMMIT");
    const mode = Math.max(...held.map((row) => modes.indexOf(row.mode)), -1);
    if (!sql.startsWith("SELECT") || rowsRead > 0) seen.push({ sql, mode, rowsRead });
    return result;
  }) as typeof runner.query;
  return seen;
}

/** The part of the README's table that can be seen: what each statement does, under which lock, and what it reads. */
const expected: Record<string, string[]> = {
  addForeignKey: [
    "look reads, AccessShare",
    "ADD CONSTRAINT ShareRowExclusive",
    "VALIDATE reads, ShareUpdateExclusive",
  ],
  "addForeignKey of one that is there, not valid": [
    "look reads, AccessShare",
    "VALIDATE reads, ShareUpdateExclusive",
  ],
  dropForeignKey: ["DROP CONSTRAINT AccessExclusive"],
  setNotNull: [
    "look reads, AccessShare",
    "ADD CONSTRAINT AccessExclusive",
    "VALIDATE reads, ShareUpdateExclusive",
    "SET NOT NULL AccessExclusive",
    "DROP CONSTRAINT AccessExclusive",
  ],
  dropNotNull: ["DROP NOT NULL AccessExclusive"],
  addCheckConstraint: [
    "look reads, AccessShare",
    "ADD CONSTRAINT AccessExclusive",
    "VALIDATE reads, ShareUpdateExclusive",
  ],
  addUniqueConstraint: ["ADD CONSTRAINT AccessExclusive"],
  addColumnCopy: ["ADD COLUMN AccessExclusive", "FUNCTION none", "TRIGGER ShareRowExclusive"],
};

describe.each(scenarios)("$name", (scenario) => {
  test("what stops readers or writers reads no row; what reads rows stops nobody", async () => {
    const database = await createDatabase();
    await prepare(database, "Watched", scenario);
    const runner = await openRunner(database.url);
    const seen = watched(runner, "Watched");
    await scenario.run(runner, "Watched");
    expect(seen.filter(({ mode, rowsRead }) => rowsRead > 0 && mode >= strong)).toEqual([]);
    const steps = expected[scenario.name];
    if (steps !== undefined) expect(seen.map(described)).toEqual(steps);
  });
});

function described({ sql, mode, rowsRead }: Seen): string {
  const what =
    /ADD CONSTRAINT|VALIDATE|DROP CONSTRAINT|SET NOT NULL|DROP NOT NULL|ADD COLUMN|FUNCTION(?=.*RETURNS)|TRIGGER/.exec(
      sql,
    )?.[0] ?? "look";
  return `${what} ${rowsRead > 0 ? "reads, " : ""}${modes[mode]?.replace(/Lock$/, "") ?? "none"}`;
}
