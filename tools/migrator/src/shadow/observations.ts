import type pg from "pg";
import type { Session } from "../database/session.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import { type Births, changesBetween, noteBirths } from "./changes.ts";
import { type HeldLock, Holdings, readLocks } from "./locks.ts";
import { readScans, type Scans, scannedBetween } from "./scans.ts";
import { isCatalogLookup, isExplain } from "./sql.ts";
import type { ObservedLock, ObservedStatement, Touched } from "./types.ts";

export type Statement = Pick<ObservedStatement, "sql" | "parameters">;

/** What one glance at the shadow database shows. */
export interface Look {
  catalog: Catalog;
  scans: Scans;
  /** When the transaction began; it tells one from the next. */
  began: string | undefined;
}

/** A statement that has ended its transaction (COMMIT in the same text) has given its locks back already. */
const inOne = async ({ runner }: Session) =>
  ((await runner.connect()) as pg.Client).getTransactionStatus() === "T";

export async function look({ sql }: Session, inTransaction: boolean): Promise<Look> {
  const [row] = await sql<{ began: string }>("SELECT transaction_timestamp()::text AS began");
  const catalog = await readCatalog(sql);
  return { catalog, scans: await readScans(sql, inTransaction), began: row?.began };
}

/** What was seen of a migration's statements, and which of them took which lock. */
export class Observations {
  readonly statements: ObservedStatement[] = [];
  readonly #migration: string;
  readonly #births: Births;
  readonly #isRecord: (relation: string) => boolean;
  #holdings = new Holdings();
  #began: string | undefined;
  #transactions = 0;

  constructor(migration: string, births: Births, isRecord: (relation: string) => boolean) {
    this.#migration = migration;
    this.#births = births;
    this.#isRecord = isRecord;
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
    const own = locks.filter(({ since }) => since === number);
    this.statements.push({
      number,
      sql,
      parameters,
      transaction: how.transaction,
      watched: how.watched === true,
      unseen: how.unseen === true,
      lookup: isExplain(sql) || (isCatalogLookup(sql) && own.length === 0),
      checkpoint: this.#isCheckpoint(own),
      locks,
      rewritten: rewritten(before.catalog, after.catalog, births),
      scanned: scannedBetween(before.scans, after.scans).flatMap((oid) =>
        touched(oid, before.catalog, births),
      ),
      changes: changesBetween(before.catalog, after.catalog, births),
    });
  }

  /** The record's tables are locked with their indexes; indexes alone are those of a table that was locked before. */
  #isCheckpoint(own: readonly ObservedLock[]): boolean {
    const ofRecord = ({ relation }: ObservedLock) => this.#isRecord(relation);
    return own.some(ofRecord) && own.every((lock) => lock.kind === "index" || ofRecord(lock));
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
