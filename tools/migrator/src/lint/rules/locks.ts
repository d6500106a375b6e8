import { strength } from "../../shadow/locks.ts";
import type { Change, ObservedLock } from "../../shadow/types.ts";
import { type Case, type JudgedStatement, type Rule, type Verdict, whileReading } from "../finding.ts";

/** The strongest lock the statement ended with on a relation, whichever statement of its transaction took it. */
export const lockOn = ({ locks }: JudgedStatement, relation: string): Verdict["lock"] => {
  const lock = locks.find((candidate) => candidate.relation === relation);
  return lock && { mode: lock.mode, relation };
};

const keepsWritersOut = ({ mode }: Pick<ObservedLock, "mode">) => strength(mode) >= strength("ShareLock");

const added = ({ changes }: JudgedStatement, what: Change["what"]) =>
  changes.filter((change) => change.what === what);

const reads = ({ scanned }: JudgedStatement, table: string) =>
  scanned.some(({ relation }) => relation === table);

const setNotNull: Rule = (statement, { isOld }) =>
  added(statement, "not null set")
    .filter((change) => isOld(change) && reads(statement, change.relation))
    .map(({ relation, columns: [column] }) => ({
      rule: "set-not-null",
      message: `SET NOT NULL on ${relation}.${column?.name} reads the whole table to look for NULLs while nobody else can read or write it.`,
      lock: lockOn(statement, relation),
      lasts: whileReading(relation),
      fix: `Call setNotNull(runner, { table: "${relation}", column: "${column?.name}" }) of @schema-rollout/migrator/online: a CHECK proves it beforehand while others work, and SET NOT NULL then reads nothing.`,
    }));

const foreignKey: Rule = (statement, { isOld }) =>
  added(statement, "constraint added")
    .filter(({ constraint }) => constraint?.type === "f" && constraint.validated)
    .filter((change) => isOld(change) && reads(statement, change.relation))
    .map(({ relation, constraint }) => ({
      rule: "foreign-key",
      message: `The foreign key ${constraint?.name} is checked for every row of ${relation} while nobody can write to it, or to the table it references.`,
      lock: lockOn(statement, relation),
      lasts: whileReading(relation),
      fix: "Call addForeignKey(runner, { … }) of @schema-rollout/migrator/online: it adds the key NOT VALID and validates it afterwards, while others write.",
    }));

const createIndex: Rule = (statement, { isOld }) =>
  added(statement, "relation created").flatMap(({ relation, index }) => {
    if (index === undefined || statement.watched) return [];
    const { table, tableBornIn, ofConstraint } = index;
    if (!isOld({ relation: table, bornIn: tableBornIn })) return [];
    const lock = lockOn(statement, table);
    const lasts = whileReading(table);
    return ofConstraint
      ? [
          {
            rule: "add-unique",
            message: `The constraint ${relation} builds its index while nobody else can read or write ${table}.`,
            lock,
            lasts,
            fix: "Call addUniqueConstraint(runner, { … }) of @schema-rollout/migrator/online: it builds the index CONCURRENTLY, then makes it the constraint's in an instant.",
          },
        ]
      : [
          {
            rule: "create-index",
            message: `The index ${relation} is built while nobody can write to ${table}.`,
            lock,
            lasts,
            fix: "Call createIndex(runner, { … }) of @schema-rollout/migrator/online in a migration with transaction = false, or write CREATE INDEX CONCURRENTLY.",
          },
        ];
  });

/** What reads a table under a lock that keeps others out and is none of the cases above. */
const scanUnderLock: Rule = (statement, { isOld }) =>
  statement.scanned.flatMap(({ relation, bornIn }) => {
    const lock = statement.locks.find((candidate) => candidate.relation === relation);
    if (!isOld({ relation, bornIn }) || lock === undefined || !keepsWritersOut(lock)) return [];
    // TRUNCATE counts as a reading too: it builds the indexes of the empty table.
    if (statement.rewritten.some((other) => other.relation === relation)) return [];
    const whose =
      lock.since === statement.number ? "its own lock" : "a lock of an earlier statement of its transaction";
    const check = added(statement, "constraint added").some(({ constraint }) => constraint?.type === "c");
    return [
      {
        rule: "scan-under-lock",
        message: `It reads all of ${relation} while ${whose} keeps others from writing to it.`,
        lock: { mode: lock.mode, relation },
        lasts: whileReading(relation),
        fix: check
          ? "Call addCheckConstraint(runner, { … }) of @schema-rollout/migrator/online, or add the constraint NOT VALID and VALIDATE it in a migration of its own."
          : "Put what reads the table into a migration of its own, apart from what locks it.",
      },
    ];
  });

const heldAcross: Rule = (statement, of) => {
  const { transaction } = statement;
  if (transaction === undefined) return [];
  const later = of.statements.filter(
    (other) =>
      other.transaction === transaction &&
      other.number > statement.number &&
      other.pieces.some(({ node }) => node === undefined || !("VariableSetStmt" in node)),
  );
  if (later.length === 0) return [];
  return (
    statement.locks
      .filter((lock) => lock.since === statement.number && of.isOld(lock) && keepsWritersOut(lock))
      // A view is replaced in two statements of one transaction: apart, queries would find it gone.
      .filter(({ kind }) => kind === "table" || kind === "materialized view")
      .filter((lock) => !reported(lock, later, of))
      .map(({ mode, relation }) => ({
        rule: "held-across",
        message: `The lock on ${relation} is held while ${later.length === 1 ? "one more statement runs" : `${later.length} more statements run`} in the same transaction.`,
        lock: { mode, relation },
        lasts: "until the transaction ends",
        fix: "Make it the last statement of its migration, put all that one table needs into one ALTER TABLE, and give each table a migration of its own.",
      }))
  );
};

/** A later statement that reads the table under this very lock has a finding of its own. */
const reported = (lock: ObservedLock, later: JudgedStatement[], of: Case) =>
  later.some((statement) =>
    [...specific, scanUnderLock].some((rule) =>
      rule(statement, of).some(
        (verdict) => verdict.lock?.relation === lock.relation && verdict.lock.mode === lock.mode,
      ),
    ),
  );

const specific: Rule[] = [setNotNull, foreignKey, createIndex];

/** Locks that others feel. */
export const lockRules: Rule = (statement, of) => {
  const known = specific.flatMap((rule) => rule(statement, of));
  return [...known, ...(known.length > 0 ? [] : scanUnderLock(statement, of)), ...heldAcross(statement, of)];
};
