import { snapshotOf } from "../test/faults/snapshot.ts";
import type { Database } from "./database.ts";
import { rows } from "./templates.ts";
import { until } from "./until.ts";
import type { Acknowledged } from "./writers.ts";

/** Catalog, record, floor and locks, by name; nothing of how many rows the service wrote. */
export type Schema = Record<string, unknown>;

type Queried = Pick<Database, "query">;

/** How long what a migrator leaves on the server may outlast it. */
export const lingerMs = 5_000;

export async function schemaOf(database: Queried): Promise<Schema> {
  const [snapshot = {}] = await database.query(snapshotOf);
  const [rest = {}] = await database.query(`
    SELECT (SELECT json_agg(u ORDER BY u.name) FROM migrations_unfinished u) AS unfinished,
           (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e) AS enums,
           (SELECT json_agg(i.inhrelid::regclass || ' of ' || i.inhparent::regclass) FROM pg_inherits i) AS partitions,
           (SELECT count(*)::int FROM pg_prepared_xacts WHERE database = current_database()) AS prepared,
           (SELECT json_agg(migration ORDER BY migration) FROM runs) AS runs,
           (SELECT json_agg(a ORDER BY a.id) FROM authors a) AS authors`);
  return { ...snapshot, ...rest };
}

/** Whatever of a finished run is not as it has to be, in words. */
export async function violationsIn(
  database: Queried,
  expected: Schema,
  acknowledged: Acknowledged,
): Promise<string[]> {
  return [
    ...(await sessionsLeft(database)),
    ...differences(expected, await schemaOf(database)),
    ...(await recordedTwice(database)),
    ...(await rowsWrong(database, acknowledged)),
  ];
}

async function sessionsLeft(database: Queried): Promise<string[]> {
  const left = () =>
    database.query(
      `SELECT pid, state, wait_event, left(query, 80) AS query FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'migrator'`,
    );
  if (await until(async () => (await left()).length === 0, lingerMs)) return [];
  return [`sessions of the migrator are left: ${JSON.stringify(await left())}`];
}

function differences(expected: Schema, seen: Schema): string[] {
  return Object.keys({ ...expected, ...seen }).flatMap((key) => {
    const [before, after] = [entries(expected[key]), entries(seen[key])];
    const missing = before.filter((one) => !after.includes(one));
    const added = after.filter((one) => !before.includes(one));
    if (missing.length + added.length === 0 && before.length === after.length) return [];
    return [`${key}: missing ${missing.join(", ") || "nothing"}; too much ${added.join(", ") || "nothing"}`];
  });
}

const entries = (value: unknown) => [value ?? []].flat().map((one) => JSON.stringify(one));

const recordedTwice = async (database: Queried) =>
  (
    await database.query<{ name: string; n: number }>(
      "SELECT name, count(*)::int AS n FROM migrations GROUP BY name HAVING count(*) > 1",
    )
  ).map(({ name, n }) => `${name} is recorded ${n} times`);

/** Each row is there, has what the backfill gives it, got it once, and has every edit that was acknowledged. */
async function rowsWrong(database: Queried, { inserts, edits }: Acknowledged): Promise<string[]> {
  const [seen] = await database.query<Record<string, number>>(`
    SELECT count(*)::int AS posts,
           count(*) FILTER (WHERE token LIKE 'first %')::int AS first,
           count(DISTINCT token)::int AS tokens,
           count(*) FILTER (WHERE author_id IS DISTINCT FROM CASE WHEN token LIKE 'first %' THEN 1 + id % 5 ELSE 1 END)::int AS "wrongAuthor",
           sum(edits)::int AS edits,
           (SELECT count(*)::int FROM changed) AS changes,
           (SELECT count(DISTINCT id)::int FROM changed) AS changed
      FROM posts`);
  const right: Record<string, number> = {
    posts: rows + inserts,
    first: rows,
    tokens: rows + inserts,
    wrongAuthor: 0,
    edits,
    changes: rows,
    changed: rows,
  };
  return Object.keys(right)
    .filter((key) => seen?.[key] !== right[key])
    .map((key) => `rows: ${key} is ${seen?.[key]}, not ${right[key]}`);
}
