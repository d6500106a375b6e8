import { createHash } from "node:crypto";
import { codeOf } from "../classify.ts";
import { onOwnPath } from "../database/search-path.ts";
import type { Session } from "../database/session.ts";
import type { Log } from "../log.ts";
import type { Journal } from "../record/journal.ts";
import { loadParser } from "../sql/parser.ts";
import type { Effect } from "./effect.ts";
import type { Limits } from "./guards.ts";
import { factsOf, hasHappened } from "./happened.ts";
import { debrisOf, dropDebris, ownedBy, refuseNameless, tidyUp } from "./repair.ts";
import { resolved } from "./resolve.ts";
import { kindOf, type StatementKind } from "./statement.ts";

/** A statement as the migration sends it: text, parameters, and whether TypeORM's whole result is wanted. */
export type Call = [sql: string, parameters?: unknown[], structured?: boolean];

/** One attempt at a migration outside a transaction. */
export interface Attempt {
  session: Session;
  limits: Limits;
  log: Log;
  journal: Journal | undefined;
  /** Relations and functions named so far, and whether there was code that cannot be read. */
  seen: { names: Set<string>; functions: Set<string>; opaque: boolean };
}

export const attempt = (of: Omit<Attempt, "seen">): Attempt => ({
  ...of,
  seen: { names: new Set(), functions: new Set(), opaque: false },
});

/** A second session that the migration opens is out of sight: what it does cannot be read. Returns the way back. */
export function noticeOthers({ session: { dataSource }, seen }: Attempt): () => void {
  const open = dataSource.createQueryRunner;
  dataSource.createQueryRunner = (...mode) => {
    seen.opaque = true;
    return open.apply(dataSource, mode);
  };
  return () => {
    dataSource.createQueryRunner = open;
  };
}

/**
 * Runs a statement that commits by itself. An earlier attempt may have done it already, or have been interrupted in it:
 * what the marker and the catalog prove to be done is not done again, and what is half done goes first.
 */
export async function runOutside(on: Attempt, call: Call, send: () => Promise<unknown>): Promise<unknown> {
  const { session, log, journal, seen } = on;
  const [sql] = call;
  await loadParser();
  const kind = kindOf(sql);
  for (const name of kind.names) seen.names.add(name);
  for (const name of kind.functions) seen.functions.add(name);
  seen.opaque ||= kind.opaque;
  refuseNameless(kind.effect);
  const effect = await resolved(session.sql, kind.effect);
  const own = <T>(work: () => Promise<T>) => onOwnPath(session.sql, false, work);
  const hash = hashOf(call);
  if (kind.noted) {
    if (await wasCompleted(on, sql, effect, hash)) return alreadyDone(on, call, hash);
    if (journal?.wasDone(hash) && (kind.rows || kind.opaque))
      log.warn("an earlier attempt has run this statement, and it runs again: it must be repeatable");
    await own(async () => journal?.begin(hash, factsOf(effect)));
  }
  if (effect?.does === "detach" && (await own(() => finalised(on, effect)))) {
    journal?.ended(hash);
    return nothingOf(call);
  }
  const debris = await own(async () => {
    const found = await debrisOf(session.sql, effect, journal?.before ?? new Set());
    await dropDebris(session.sql, session.pid, found, log);
    return found;
  });
  try {
    const result = await (kind.patient ? patiently(on, send) : send());
    if (kind.noted) journal?.ended(hash);
    return result;
  } catch (error) {
    if (journal?.wasDone(hash) && says(error, kind.leaves)) return alreadyDone(on, call, hash);
    if (debris !== undefined || kind.opaque)
      await tidyUp(session, ownedBy(sql, kind, debris, journal?.known ?? new Set()), log, error);
    if (journal?.factsBefore(hash) !== undefined && (says(error, "there") || says(error, "gone")))
      noteDoubt(error);
    throw error;
  }
}

/** Known by text and values, not by its place: a migration may ask first what there is left to do. */
const hashOf = ([sql, parameters = []]: Call) =>
  createHash("sha256")
    .update(JSON.stringify([sql, parameters.map(String)]))
    .digest("hex")
    .slice(0, 24);

async function wasCompleted(
  { session, journal, log }: Attempt,
  sql: string,
  effect: Effect | undefined,
  hash: string,
): Promise<boolean> {
  const facts = journal?.factsBefore(hash);
  if (journal === undefined || facts === undefined || effect === undefined) return false;
  try {
    const earlier = { facts, ended: journal.wasDone(hash), renamed: journal.renamed };
    return await hasHappened(session.sql, sql, effect, earlier);
  } catch (err) {
    if (session.lost() !== undefined || codeOf(err) === "55P03") throw err;
    // What cannot be compared is not taken for the same; the server has the last word.
    log.debug({ err }, "could not compare what is there with the statement");
    return false;
  }
}

function alreadyDone({ log, journal }: Attempt, call: Call, hash: string): unknown {
  log.info(
    "an earlier attempt has done this statement, and was interrupted before it could be recorded: not done again",
  );
  // Noted with the next one: a later statement may take away what proves it.
  journal?.ended(hash);
  return nothingOf(call);
}

/** As TypeORM answers a statement that returns no rows. */
const nothingOf = ([, , structured]: Call) => (structured ? { raw: [], records: [], affected: 0 } : []);

/** An interrupted DETACH … CONCURRENTLY leaves the partition half detached; the same again would be refused for ever. */
async function finalised(
  { session: { sql }, log }: Attempt,
  { parent, partition }: Extract<Effect, { does: "detach" }>,
): Promise<boolean> {
  const [pending] = await sql(
    `SELECT 1 FROM pg_catalog.pg_inherits WHERE inhdetachpending
        AND inhparent = pg_catalog.to_regclass($1) AND inhrelid = pg_catalog.to_regclass($2)`,
    [parent, partition],
  );
  if (pending === undefined) return false;
  log.warn({ partition }, "finishing the DETACH PARTITION that was interrupted");
  await sql(`ALTER TABLE ${parent} DETACH PARTITION ${partition} FINALIZE`);
  return true;
}

/** Duplicate, or undefined, relation, column, object, schema, function or database. */
const codes = {
  there: /^(42P0[467]|42701|42710|42723)$/,
  gone: /^(42P01|42703|42704|42883|3F000|3D000)$/,
};

const says = (error: unknown, what: StatementKind["leaves"]) =>
  what !== undefined && codes[what].test(codeOf(error) ?? "");

const doubts = new WeakMap<object, string>();

/** Why a statement that an earlier attempt has begun, and of which nobody knows the end, cannot simply run again. */
export const doubtOf = (error: unknown) =>
  typeof error === "object" && error !== null ? doubts.get(error) : undefined;

function noteDoubt(error: unknown): void {
  if (!(error instanceof Error)) return;
  doubts.set(
    error,
    "An earlier attempt began this statement and was interrupted, so it may have done it: compare what is there with what it says, then write it so that it can run again (IF NOT EXISTS, IF EXISTS), or undo what it did.",
  );
}

async function patiently<T>({ session, limits }: Attempt, statement: () => Promise<T>): Promise<T> {
  await session.sql(`SET lock_timeout = 0; SET statement_timeout = ${limits.statementBudgetMs}`);
  try {
    return await statement();
  } finally {
    // A lost session has no settings to put back, and its own error is the one to report.
    if (session.lost() === undefined) {
      await session.sql(`RESET statement_timeout; SET lock_timeout = ${limits.lockTimeoutMs}`);
    }
  }
}
