import type { LoadedMigration } from "../migrations/types.ts";

/** From the weakest to the strongest, as pg_locks names them. */
export const lockModes = [
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
] as const;

export type LockMode = (typeof lockModes)[number];

export type RelationKind =
  | "table"
  | "index"
  | "sequence"
  | "view"
  | "materialized view"
  | "foreign table"
  | "type";

export interface ObservedLock {
  /** As PostgreSQL writes it: with its schema where search_path would not find it. */
  relation: string;
  kind: RelationKind;
  /** The strongest held on it when the statement was done; it implies the weaker ones. */
  mode: LockMode;
  /** Number of the statement that took it. A lock is held to the end of its transaction. */
  since: number;
  /** The pending migration that created the relation; undefined when it was there before. */
  bornIn: string | undefined;
}

export type Touched = Pick<ObservedLock, "relation" | "kind" | "bornIn">;

/** What a statement changed in the catalog. */
export interface Change {
  what:
    | "relation created"
    | "relation dropped"
    | "relation renamed"
    | "column added"
    | "column dropped"
    | "column renamed"
    | "type changed"
    | "not null set"
    | "default dropped"
    | "constraint added"
    | "constraint validated"
    | "constraint dropped"
    | "routine created"
    | "routine dropped"
    | "type created"
    | "type dropped";
  /** The table (or what else it is about), under the name it had before. */
  relation: string;
  kind: RelationKind | "routine";
  bornIn: string | undefined;
  /** Columns it is about; those of a constraint or index (of an expression: none). */
  columns: { name: string; bornIn: string | undefined }[];
  /** The new name, the new type, or the constraint's definition. */
  detail?: string;
  /** Of a constraint: its letter in pg_constraint.contype. */
  constraint?: { name: string; type: string; validated: boolean };
  /** Of an index. */
  index?: { table: string; tableBornIn: string | undefined; unique: boolean; ofConstraint: boolean };
  /** Of an added column. */
  column?: { notNull: boolean; hasDefault: boolean };
}

export interface ObservedStatement {
  /** Counts from 1 within the migration; look-ups count too. */
  number: number;
  sql: string;
  parameters: readonly unknown[];
  /** Which transaction of the migration it ran in; undefined when it is one of its own. */
  transaction: number | undefined;
  /** Cannot run inside a transaction: it was watched from another session while it waited for others. */
  watched: boolean;
  /** It ended its transaction itself, and gave its locks back before anybody could look. */
  unseen: boolean;
  /** Only reads the catalog: TypeORM or a helper finding something out. */
  lookup: boolean;
  /** Touches only our own record: a backfill's checkpoint. */
  checkpoint: boolean;
  locks: ObservedLock[];
  /** Tables, materialized views and indexes that were there before and got new files. */
  rewritten: Touched[];
  /** Tables that were there before and were read from end to end. */
  scanned: Touched[];
  changes: Change[];
}

export interface RehearsedMigration {
  migration: LoadedMigration;
  statements: ObservedStatement[];
  /** Why a second run, as after a crash before it was recorded, is not the same; undefined when it is. */
  notRepeatable?: string;
}
