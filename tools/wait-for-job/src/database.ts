// Loaded only with --schema: a gate without it never pays for pg.
import pg from "pg";
import { bound, close } from "./bounded-connection.ts";
import type { SchemaOptions } from "./cli.ts";
import { sentence } from "./diagnostics/excerpt.ts";
import { reasonOf } from "./errors.ts";
import { text } from "./job.ts";
import { explainMissing, recordNames } from "./record.ts";
import { passwordsOf } from "./redact.ts";
import type { Answer } from "./state.ts";
import type { Timing } from "./timing.ts";

interface Row {
  readonly recorded: boolean;
  readonly floor: string | null;
  readonly contract: string | null;
  readonly state: string | null;
}

/**
 * Asks once, over a connection of its own that is closed again: a hundred waiting pods must not hold a hundred
 * connections through a long migration. Never throws; what went wrong is the answer.
 */
export async function askDatabase(
  url: string,
  schema: SchemaOptions,
  timing: Pick<Timing, "connectWithin" | "queryWithin">,
): Promise<Answer> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client({
      connectionString: url,
      // With its level, as the application's own sessions have it: a migrator about to run a contract step waits for
      // sessions it cannot tell the level of.
      application_name: `wait-for-job@${schema.level}`,
      connectionTimeoutMillis: timing.connectWithin,
      // For a server that does not even say that it gave up.
      query_timeout: timing.queryWithin + 1_000,
    });
    // A connection lost between two events would otherwise end the process.
    client.on("error", () => undefined);
    bound(client.connection);
    await client.connect();
    const results = await client.query<Row>(question(schema, timing.queryWithin));
    const { rows } = [results].flat().at(-1) ?? { rows: [] };
    return readAnswer(rows[0], BigInt(schema.level));
  } catch (error) {
    const reason = sentence(reasonOf(error), passwordsOf(url));
    if (client === undefined || !MISSING.includes(codeOf(error))) return { kind: "unreachable", reason };
    // What it finds is said; where it cannot look, the plain reason will do.
    const found = await explainMissing(client, schema).catch(() => undefined);
    return { kind: "no-tables", reason, found: found === undefined ? undefined : text(found) };
  } finally {
    if (client !== undefined) close(client);
  }
}

/** No such table, or none with these columns: the record is not there, or something else has its name. */
const MISSING: readonly unknown[] = ["42P01", "42703"];

/**
 * The server gives up by itself: one that waits for a lock would not notice that nobody waits for it, and a record that
 * is locked for minutes would collect a session for each look. In one message with the question, so for this
 * transaction only: as start-up parameters PgBouncer would refuse them, as settings of the session it would pass them on.
 */
export const question = (schema: SchemaOptions, within: number) =>
  `SET LOCAL lock_timeout = ${Math.ceil(within / 2)}; SET LOCAL statement_timeout = ${within};\n${query(schema)}`;

/** One statement, so one snapshot: key and floor cannot be of two different moments. */
function query({ key, recordSchema, recordTable }: SchemaOptions): string {
  const prefix = recordSchema === undefined ? "" : `${pg.escapeIdentifier(recordSchema)}.`;
  const names = recordNames(recordTable);
  return `SELECT EXISTS (SELECT FROM ${prefix}${pg.escapeIdentifier(names.record)} WHERE name = ${pg.escapeLiteral(key)}) AS recorded,
                 f.floor::text AS floor, f.contract, f.state
          FROM (SELECT) AS one LEFT JOIN ${prefix}${pg.escapeIdentifier(names.floor)} AS f ON true
          ORDER BY f.floor DESC NULLS LAST LIMIT 1`;
}

/** A final floor above the level refuses whatever else is recorded; a proposed one may still be withdrawn. */
function readAnswer(row: Row | undefined, level: bigint): Answer {
  if (row === undefined) return { kind: "not-recorded" };
  if (row.floor !== null && BigInt(row.floor) > level) {
    const facts = { floor: row.floor, contract: text(row.contract) };
    return row.state === "final" ? { kind: "floor-final", ...facts } : { kind: "floor-proposed", ...facts };
  }
  return { kind: row.recorded ? "ready" : "not-recorded" };
}

const codeOf = (error: unknown) => (error as { code?: unknown } | null)?.code;
