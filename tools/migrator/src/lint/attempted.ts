import type { AlterTableCmd } from "libpg-query";
import type { MigratorError } from "../errors.ts";
import type { Change, ObservedStatement, RehearsedMigration } from "../shadow/types.ts";
import { nodesIn, parse } from "../sql/parser.ts";

/**
 * A NOT NULL that failed because an earlier migration had inserted rows. The rules look at what a statement did, and
 * this one did nothing: so that they can say what is wrong with it, it is told as if there had been no such row.
 * Undefined when the failure is none of these.
 */
export function attemptedNotNull(
  migrations: readonly RehearsedMigration[],
  failure: MigratorError,
  sql = "",
): ObservedStatement | undefined {
  const failed = migrations.at(-1);
  const { table, column } = placeOf(failure.cause);
  if (failed === undefined || failure.facts.code !== "23502" || !table || !column) return undefined;
  const known = migrations.flatMap(({ statements }) => statements.flatMap(({ changes }) => changes));
  const born = known.findLast(
    ({ what, relation }) => what === "relation created" && bare(relation) === table,
  );
  const columnBorn = known.findLast(
    ({ what, relation, columns }) =>
      what === "column added" && bare(relation) === table && columns[0]?.name === column,
  );
  const change = changeIn(sql, column);
  if (change === undefined) return undefined;
  const { migration, statements } = failed;
  const relation = born?.relation ?? columnBorn?.relation ?? table;
  const bornIn = born?.bornIn;
  const number = (statements.at(-1)?.number ?? 0) + 1;
  const columnBornIn =
    change.what === "column added" ? migration.name : (columnBorn?.columns[0]?.bornIn ?? bornIn);
  return {
    number,
    sql,
    parameters: [],
    transaction: migration.transactional ? (statements.at(-1)?.transaction ?? 1) : undefined,
    watched: false,
    unseen: false,
    lookup: false,
    checkpoint: false,
    // ALTER TABLE has it for either form.
    locks: [{ relation, kind: "table", mode: "AccessExclusiveLock", since: number, bornIn }],
    rewritten: [],
    scanned: [{ relation, kind: "table", bornIn }],
    changes: [
      { ...change, relation, kind: "table", bornIn, columns: [{ name: column, bornIn: columnBornIn }] },
    ],
  };
}

/** What the statement would have done to the column. An INSERT of a NULL fails with the same code. */
function changeIn(sql: string, column: string): Pick<Change, "what" | "column"> | undefined {
  for (const { kind, node } of (parse(sql) ?? []).flatMap((one) => [...nodesIn(one.node)])) {
    if (kind !== "AlterTableCmd") continue;
    const { subtype, name, def } = node as AlterTableCmd;
    if (subtype === "AT_SetNotNull" && name === column) return { what: "not null set" };
    if (subtype === "AT_AddColumn" && def && "ColumnDef" in def && def.ColumnDef.colname === column)
      return { what: "column added", column: { notNull: true, hasDefault: false } };
  }
  return undefined;
}

/** The error's own fields, which do not depend on the server's language. */
function placeOf(cause: unknown): { table?: string; column?: string } {
  const { driverError, table, column } = (cause ?? {}) as Record<string, unknown>;
  if (driverError) return placeOf(driverError);
  return {
    ...(typeof table === "string" && { table }),
    ...(typeof column === "string" && { column }),
  };
}

/** Without schema and quotes. */
const bare = (relation: string) => (relation.split(".").at(-1) ?? "").replaceAll('"', "");
