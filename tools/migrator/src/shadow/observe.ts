import type pg from "pg";
import { codeOf } from "../classify.ts";
import type { Session } from "../database/session.ts";
import { contextOf } from "../online/context.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import { type Births, changesBetween, noteBirths } from "./changes.ts";
import { type HeldLock, Holdings, readLocks } from "./locks.ts";
import { readScans, type Scans, scannedBetween } from "./scans.ts";
import { isCatalogLookup, isTransactionControl } from "./sql.ts";
import type { ObservedStatement, Touched } from "./types.ts";
import { watchWhile } from "./watch.ts";

export interface Observation {
  statements: ObservedStatement[];
  /** What `work` failed with; the statements are those before it. */
  error?: unknown;
  /** The statement that failed, when it was one. */
  failedSql?: string;
}

/** Runs `work` and returns what each statement of the migration in it did, as the database showed it. */
export async function observing(
  session: Session,
  { url, migration, births }: { url: string; migration: string; births: Births },
  work: () => Promise<unknown>,
): Promise<Observation> {
  const { runner } = session;
  const client: pg.Client = await runner.connect();
  const plain = runner.query;
  const run = plain.bind(runner) as (...call: unknown[]) => Promise<unknown>;
  const record = new Recorder(migration, births);
  let failedSql: string | undefined;

  const observed = async (...call: unknown[]): Promise<unknown> => {
    const [sql, parameters] = call as [string, unknown[] | undefined];
    // The executor's own statements, and the borders of a helper's transaction, are no part of the plan.
    if (contextOf(runner) === undefined || isTransactionControl(sql)) return run(...call);
    const statement = { sql, parameters: parameters ?? [] };
    // In a failed transaction PostgreSQL refuses everything, a look too.
    if (client.getTransactionStatus() === "E") return run(...call);
    try {
      failedSql = undefined;
      return client.getTransactionStatus() === "T"
        ? await withOthers(session, record, statement, () => run(...call))
        : await onItsOwn(session, url, record, statement, () => run(...call));
    } catch (error) {
      failedSql = sql;
      throw error;
    }
  };

  runner.query = observed as typeof runner.query;
  try {
    await work();
    return { statements: record.statements };
  } catch (error) {
    return { statements: record.statements, error, ...(failedSql !== undefined && { failedSql }) };
  } finally {
    runner.query = plain;
  }
}

type Statement = Pick<ObservedStatement, "sql" | "parameters">;

async function withOthers(
  session: Session,
  record: Recorder,
  statement: Statement,
  run: () => Promise<unknown>,
) {
  const before = await look(session, true);
  const result = await run();
  await record.inTransaction(statement, session, before, true);
  return result;
}

/** A statement that commits by itself is given a transaction, to be looked at before that ends, where it allows one. */
async function onItsOwn(
  session: Session,
  url: string,
  record: Recorder,
  statement: Statement,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const { sql } = session;
  await sql("BEGIN");
  try {
    const before = await look(session, true);
    const result = await run();
    await record.inTransaction(statement, session, before, false);
    await sql("COMMIT");
    return result;
  } catch (error) {
    await sql("ROLLBACK");
    if (!refusesTransaction(error)) throw error;
  }
  const before = await look(session, false);
  const { result, locks } = await watchWhile(url, session.pid, run);
  record.add(statement, before, await look(session, false), locks, { watched: true });
  return result;
}

/** "… cannot run inside a transaction block", and a procedure that commits. */
const refusesTransaction = (error: unknown) => ["25001", "2D000"].includes(codeOf(error) ?? "");

interface Look {
  catalog: Catalog;
  scans: Scans;
  /** When the transaction began; it tells one from the next. */
  began: string | undefined;
}

/** A statement that has ended its transaction (COMMIT in the same text) has given its locks back already. */
const inOne = async ({ runner }: Session) =>
  ((await runner.connect()) as pg.Client).getTransactionStatus() === "T";

async function look({ sql }: Session, inTransaction: boolean): Promise<Look> {
  const [row] = await sql<{ began: string }>("SELECT transaction_timestamp()::text AS began");
  const catalog = await readCatalog(sql);
  return { catalog, scans: await readScans(sql, inTransaction), began: row?.began };
}

class Recorder {
  readonly statements: ObservedStatement[] = [];
  readonly #migration: string;
  readonly #births: Births;
  #holdings = new Holdings();
  #began: string | undefined;
  #transactions = 0;

  constructor(migration: string, births: Births) {
    this.#migration = migration;
    this.#births = births;
  }

  async inTransaction(statement: Statement, session: Session, before: Look, shared: boolean): Promise<void> {
    const unseen = !(await inOne(session));
    const after = await look(session, true);
    if (before.began !== this.#began) {
      this.#holdings = new Holdings();
      this.#began = before.began;
      if (shared) this.#transactions++;
    }
    const locks = await readLocks(session.sql, session.pid);
    this.add(statement, before, after, locks, {
      unseen,
      ...(shared && { transaction: this.#transactions }),
    });
  }

  add(
    { sql, parameters }: Statement,
    before: Look,
    after: Look,
    held: readonly HeldLock[],
    how: { transaction?: number; watched?: boolean; unseen?: boolean },
  ): void {
    const births = this.#births;
    noteBirths(births, before.catalog, after.catalog, this.#migration);
    const number = this.statements.length + 1;
    const holdings = how.watched ? new Holdings() : this.#holdings;
    const locks = holdings.observe(held, number, { before: before.catalog, after: after.catalog }, births);
    this.statements.push({
      number,
      sql,
      parameters,
      transaction: how.transaction,
      watched: how.watched === true,
      unseen: how.unseen === true,
      lookup: isCatalogLookup(sql) && !locks.some((lock) => lock.since === number),
      locks,
      rewritten: rewritten(before.catalog, after.catalog, births),
      scanned: scannedBetween(before.scans, after.scans).flatMap((oid) =>
        touched(oid, before.catalog, births),
      ),
      changes: changesBetween(before.catalog, after.catalog, births),
    });
  }
}

function touched(oid: number, { relations }: Catalog, births: Births): Touched[] {
  const relation = relations.get(oid);
  return relation === undefined
    ? []
    : [{ relation: relation.name, kind: relation.kind, bornIn: births.get(oid) }];
}

const rewritten = (before: Catalog, after: Catalog, births: Births): Touched[] =>
  [...before.relations.values()]
    .filter(({ oid, filenode, kind }) => {
      const now = after.relations.get(oid);
      return kind !== "sequence" && now !== undefined && now.filenode !== filenode;
    })
    .flatMap(({ oid }) => touched(oid, before, births));
