import type { LoadedMigration, Phase } from "../migrations/types.ts";
import type { Piece } from "../shadow/sql.ts";
import type { LockMode, ObservedStatement } from "../shadow/types.ts";

/** What a rule says about a statement. */
export interface Verdict {
  rule: string;
  /** What is wrong, in a sentence. */
  message: string;
  /** The lock that makes it so; undefined where it is the running code that fails, lock or no lock. */
  lock: { mode: LockMode; relation: string } | undefined;
  /** How long that lasts: an instant, as long as reading or rewriting the table takes, … */
  lasts: string;
  /** The safe way. */
  fix: string;
}

export interface Finding extends Verdict {
  migration: string;
  phase: Phase;
  /** Path of the migration's source. */
  file: string;
  line: number;
  sql: string;
  /** Why it was accepted, by `-- ok` in the statement or `ok` of the class. */
  accepted: string | undefined;
}

/** A migration with what was seen of it, as the rules need it. */
export interface Case {
  migration: LoadedMigration;
  /** Without look-ups in the catalog. */
  statements: JudgedStatement[];
  notRepeatable: string | undefined;
  /** It ended with an error: what its last transaction did was undone. */
  failed: boolean;
  /** Code from before this migration may still be running. */
  early: boolean;
  /** Whether a relation or column was there, and in use, before this migration's release. */
  isOld(thing: { relation?: string; name?: string; bornIn: string | undefined }): boolean;
  /** The table with the checkpoints of `batched`. */
  isCheckpoint(relation: string): boolean;
}

export interface JudgedStatement extends ObservedStatement {
  pieces: Piece[];
}

export type Rule = (statement: JudgedStatement, of: Case) => Verdict[];

export const forAnInstant = "an instant, once it is granted";
export const whileReading = (table: string) => `as long as reading all of ${table} takes`;
export const whileRewriting = (table: string) => `as long as rewriting all of ${table} takes`;
export const untilItIsGone = "until the older code is gone";
