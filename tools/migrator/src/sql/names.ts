import type { AlterTableCmd, Node, RangeVar } from "libpg-query";

/** Of a list node its items, of any other one itself. */
export const listOf = (node: Node): Node[] => ("List" in node ? (node.List.items ?? []) : [node]);

export const textOf = (node: Node): string => ("String" in node ? (node.String.sval ?? "") : "");

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A name of several parts, as SQL. */
export const dotted = (parts: readonly Node[]) => parts.map((part) => quote(textOf(part))).join(".");

/** Of a relation, with its schema where that was written, as SQL. */
export const nameOf = ({ schemaname, relname = "" }: RangeVar) =>
  schemaname === undefined ? quote(relname) : `${quote(schemaname)}.${quote(relname)}`;

/** The actions of one ALTER TABLE. */
export const actionsOf = (statement: Node): AlterTableCmd[] =>
  "AlterTableStmt" in statement
    ? (statement.AlterTableStmt.cmds ?? []).flatMap((cmd) =>
        "AlterTableCmd" in cmd ? [cmd.AlterTableCmd] : [],
      )
    : [];
