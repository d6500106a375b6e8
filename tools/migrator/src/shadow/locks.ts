import type { Sql } from "../database/session.ts";
import type { Catalog } from "./catalog.ts";
import type { Births } from "./changes.ts";
import { type LockMode, lockModes, type ObservedLock } from "./types.ts";

/** A lock on a relation, as a row of pg_locks. */
export interface HeldLock {
  oid: number;
  mode: LockMode;
}

export const strength = (mode: LockMode) => lockModes.indexOf(mode);

/** Relation locks of one session in this database; those it still waits for too. */
export const readLocks = (sql: Sql, pid: number): Promise<HeldLock[]> =>
  sql<HeldLock>(
    `SELECT relation::int8::float8 AS oid, mode FROM pg_locks
      WHERE pid = $1 AND locktype = 'relation' AND NOT mode = 'SIReadLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [pid],
  );

/** Which statement of the running transaction took which lock first. */
export class Holdings {
  readonly #since = new Map<string, number>();

  /** Of each relation the strongest lock, with the statement that took it. Locks on PostgreSQL's own catalog are left out. */
  observe(
    held: readonly HeldLock[],
    statement: number,
    catalogs: { before: Catalog; after: Catalog },
    births: Births,
  ): ObservedLock[] {
    const strongest = new Map<number, LockMode>();
    for (const { oid, mode } of held) {
      const key = `${oid} ${mode}`;
      if (!this.#since.has(key)) this.#since.set(key, statement);
      const known = strongest.get(oid);
      if (known === undefined || strength(mode) > strength(known)) strongest.set(oid, mode);
    }
    return [...strongest]
      .flatMap(([oid, mode]): ObservedLock[] => {
        const relation = catalogs.before.relations.get(oid) ?? catalogs.after.relations.get(oid);
        if (relation === undefined) return [];
        const since = this.#since.get(`${oid} ${mode}`) ?? statement;
        return [{ relation: relation.name, kind: relation.kind, mode, since, bornIn: births.get(oid) }];
      })
      .sort((a, b) => strength(b.mode) - strength(a.mode) || a.relation.localeCompare(b.relation, "en"));
  }
}
