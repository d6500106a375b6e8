import type { Change } from "../../shadow/types.ts";
import { type Case, forAnInstant, type JudgedStatement, type Rule, untilItIsGone } from "../finding.ts";
import { lockOn } from "./locks.ts";

/** What breaks code that is running, however short the lock is. */
export const compatibilityRules: Rule = (statement, of) => [
  ...dropped(statement, of),
  ...renamed(statement, of),
  ...tightened(statement, of),
  ...required(statement, of),
];

const dropped: Rule = (statement, of) => {
  if (!of.early) return [];
  const emptied = statement.pieces.some(({ node }) => node !== undefined && "TruncateStmt" in node)
    ? statement.rewritten.filter(
        ({ kind, relation, bornIn }) => kind !== "index" && of.isOld({ relation, bornIn }),
      )
    : [];
  const gone = statement.changes
    .filter((change) => of.isOld(change) && !returns(change, statement, of))
    .flatMap((change) => {
      const what = missed(change, statement, of);
      return what === undefined ? [] : [{ relation: change.index?.table ?? change.relation, what }];
    });
  return [...gone, ...emptied.map(({ relation }) => ({ relation, what: `all rows of ${relation}` }))].map(
    ({ relation, what }) => ({
      rule: "drop-in-use",
      message: `${of.migration.phase === "expand" ? "An expand step" : "A backfill"} removes ${what}, and the release that is still running may use it.`,
      lock: lockOn(statement, relation),
      lasts: `the lock ${forAnInstant}; the fault ${untilItIsGone}`,
      fix: 'Drop it in a migration with phase = "contract": that one waits until no older release is alive.',
    }),
  );
};

/** What running code misses once a change is made; undefined when it misses nothing. */
function missed(change: Change, { changes }: JudgedStatement, of: Case): string | undefined {
  const { what, relation, kind, columns, constraint, index } = change;
  const column = `${relation}.${columns[0]?.name}`;
  const wholeTable = changes.some(
    (other) => other.what === "relation dropped" && other.relation === index?.table,
  );
  const withColumn = changes.some(
    (other) => other.what === "column dropped" && columns.some(({ name }) => name === other.columns[0]?.name),
  );
  switch (what) {
    case "relation dropped":
      if (kind === "sequence") return changes.length > 1 ? undefined : `the sequence ${relation}`;
      if (kind !== "index") return `the ${kind} ${relation}`;
      // An ON CONFLICT clause needs it; one without uniqueness only makes queries slower.
      return index?.unique && !index.ofConstraint && !wholeTable ? `the unique index ${relation}` : undefined;
    case "column dropped":
      return columns[0] && of.isOld(columns[0]) ? `the column ${column}` : undefined;
    case "constraint dropped":
      // Without a CHECK or NOT NULL nothing fails. ON CONFLICT and ON DELETE need the others.
      return /^[pufx]$/.test(constraint?.type ?? "") && !withColumn
        ? `the constraint ${constraint?.name}`
        : undefined;
    case "default dropped":
      return `the default of ${column}, which must not be NULL,`;
    case "routine dropped":
    case "type dropped":
      return `the ${kind} ${relation}`;
    default:
      return undefined;
  }
}

/** Dropped and made again before the transaction ends (a view with another query): nobody sees it gone. */
function returns(change: Change, statement: JudgedStatement, of: Case): boolean {
  const remade = (other: JudgedStatement) =>
    other.changes.some(
      ({ what, relation, detail }) =>
        (what.endsWith(" created") && relation === change.relation) ||
        (what === "relation renamed" && detail === change.relation),
    );
  return of.statements.some(
    (other) =>
      other.number >= statement.number &&
      (other.number === statement.number || other.transaction === statement.transaction) &&
      (other.number === statement.number || other.transaction !== undefined) &&
      remade(other),
  );
}

const renamed: Rule = (statement, of) =>
  statement.changes
    .filter(({ what }) => what === "column renamed" || what === "relation renamed")
    .filter((change) => !["index", "sequence", "type"].includes(change.kind))
    .filter((change) => of.isOld(change) && change.columns.every(of.isOld))
    .filter((change) => change.what === "column renamed" || !returns(change, statement, of))
    .map(({ what, relation, columns: [column], detail }) => {
      const old = what === "column renamed" ? `${relation}.${column?.name}` : relation;
      return {
        rule: "rename",
        message: `${old} becomes ${detail}: code that uses the old name fails from this moment on, code that uses the new one failed until then.`,
        lock: lockOn(statement, relation),
        lasts: `the lock ${forAnInstant}; the fault ${untilItIsGone}`,
        fix:
          what === "column renamed"
            ? "Have both for a while: addColumnCopy (expand), copyColumnBackfill (backfill), dropOldColumn (contract) of @schema-rollout/migrator/online."
            : "Leave the table its name, or give the old name to a view over the new one in the same transaction.",
      };
    });

const tightened: Rule = (statement, of) => {
  if (!of.early) return [];
  return statement.changes
    .filter((change) =>
      of.isOld(change.index ? { relation: change.index.table, bornIn: change.index.tableBornIn } : change),
    )
    .flatMap((change) => {
      const promise = promised(change, of);
      if (promise === undefined) return [];
      const table = change.index?.table ?? change.relation;
      return [
        {
          rule: "contract-work",
          message: `${promise} from ${of.migration.phase === "expand" ? "an expand step" : "a backfill"} on: the release that is still running may write rows that break it, and then its writes fail.`,
          lock: lockOn(statement, table),
          lasts: `the fault ${untilItIsGone}`,
          fix: 'Make it a migration with phase = "contract", once the running code writes nothing else.',
        },
      ];
    });
};

/** What rows must satisfy from now on that columns from before did not have to. */
function promised(change: Change, { isOld }: Case): string | undefined {
  const { what, relation, columns, constraint, detail, index } = change;
  const onOldColumns = columns.length === 0 || columns.some(isOld);
  const names = columns.map(({ name }) => name).join(", ");
  if (what === "not null set") return onOldColumns ? `${relation}.${names} must not be NULL` : undefined;
  if (what === "relation created" && index?.unique && !index.ofConstraint)
    return onOldColumns ? `${index.table} (${names || "an expression"}) must be unique` : undefined;
  if (what !== "constraint added" || constraint?.type === "n") return undefined;
  // A new column is NULL in what the older code writes, which satisfies any CHECK but this one.
  const refusesNull = constraint?.type === "c" && /\bIS NOT NULL\b/.test(detail ?? "");
  return onOldColumns || refusesNull
    ? `${relation} must satisfy ${constraint?.name} (${detail?.replace(/ NOT VALID$/, "")})`
    : undefined;
}

const required: Rule = (statement, of) =>
  statement.changes
    .filter(({ what, column }) => what === "column added" && column?.notNull && !column.hasDefault)
    .filter(of.isOld)
    .map(({ relation, columns: [column] }) => ({
      rule: "required-column",
      message: `${relation}.${column?.name} must have a value and has no default: the running code does not know the column, so its INSERTs fail (and on a table with rows this statement does).`,
      lock: lockOn(statement, relation),
      lasts: `the fault ${untilItIsGone}`,
      fix: "Add it nullable or with a constant default; fill it in a backfill; setNotNull in a contract.",
    }));
