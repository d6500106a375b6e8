import { strength } from "../shadow/locks.ts";
import type { Case, JudgedStatement, Verdict } from "./finding.ts";
import { forAnInstant, whileReading, whileRewriting } from "./finding.ts";
import type { SquawkFinding } from "./squawk.ts";

interface Relation {
  /** Rules of ours that say the same, with what was observed. */
  ours: string[];
  /** Squawk reads the text alone; true where the database showed that what it fears does not happen. */
  refuted(statement: JudgedStatement, of: Case): boolean;
}

const nothingRead = ({ scanned, rewritten }: JudgedStatement) =>
  scanned.length === 0 && rewritten.length === 0;
const atItsTime = (_: JudgedStatement, { early }: Case) => !early;
/** Ours reads the same off the catalog, and knows more: what came back in the same transaction, what is new. */
const always = () => true;
const never = () => false;

/** Where squawk and we look at the same thing. A rule that is not here always counts. */
const shared: Record<string, Relation> = {
  "ban-drop-column": { ours: ["drop-in-use"], refuted: always },
  "ban-drop-table": { ours: ["drop-in-use"], refuted: always },
  "ban-truncate-cascade": { ours: ["drop-in-use"], refuted: never },
  "renaming-column": { ours: ["rename"], refuted: always },
  "renaming-table": { ours: ["rename"], refuted: always },
  "changing-column-type": { ours: ["type-change"], refuted: nothingRead },
  "require-concurrent-index-creation": { ours: ["create-index"], refuted: always },
  "require-concurrent-index-deletion": { ours: [], refuted: never },
  "constraint-missing-not-valid": {
    ours: ["foreign-key", "add-unique", "scan-under-lock"],
    refuted: nothingRead,
  },
  "adding-foreign-key-constraint": { ours: ["foreign-key"], refuted: nothingRead },
  "adding-not-nullable-field": { ours: ["set-not-null", "required-column"], refuted: nothingRead },
  "adding-field-with-default": { ours: ["rewrite-default"], refuted: nothingRead },
  "adding-required-field": { ours: ["required-column"], refuted: always },
  "adding-serial-primary-key-field": { ours: ["rewrite-default", "add-unique"], refuted: never },
  "disallowed-unique-constraint": { ours: ["add-unique"], refuted: nothingRead },
  "ban-drop-not-null": { ours: [], refuted: atItsTime },
  // The migration was run a second time, which tells more than IF NOT EXISTS does.
  "prefer-robust-stmts": {
    ours: ["not-repeatable"],
    refuted: (_, { notRepeatable }) => notRepeatable === undefined,
  },
};

/** Squawk's findings in our shape, without what our own rules say already and what observation refutes. */
export function fromSquawk(
  { rule, message, help, statement }: SquawkFinding,
  own: readonly Verdict[],
  of: Case,
): Verdict[] {
  const relation = shared[rule];
  if (relation !== undefined) {
    if (own.some((verdict) => relation.ours.includes(verdict.rule))) return [];
    if (relation.refuted(statement, of) || touchesOnlyNew(statement, of)) return [];
  }
  return [{ rule: `squawk/${rule}`, message, ...effect(statement, of), fix: help ?? docs(rule) }];
}

/** Where every lock is on a table that nobody uses yet, nobody waits. */
const touchesOnlyNew = ({ locks }: JudgedStatement, { isOld }: Case) =>
  locks.length > 0 &&
  !locks.some((lock) => lock.kind === "table" && isOld(lock) && lock.mode !== "AccessShareLock");

function effect(
  { locks, rewritten, scanned }: JudgedStatement,
  { isOld }: Case,
): Pick<Verdict, "lock" | "lasts"> {
  const [lock] = locks
    .filter((candidate) => isOld(candidate) && candidate.kind !== "index")
    .sort((a, b) => strength(b.mode) - strength(a.mode));
  if (lock === undefined) return { lock: undefined, lasts: "nothing waits" };
  const { mode, relation } = lock;
  const on = (touched: typeof scanned) => touched.some((other) => other.relation === relation);
  const lasts = on(rewritten)
    ? whileRewriting(relation)
    : on(scanned)
      ? whileReading(relation)
      : forAnInstant;
  return { lock: { mode, relation }, lasts };
}

const docs = (rule: string) => `See squawk's page on ${rule}.`;
