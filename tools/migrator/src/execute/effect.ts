import type { AlterTableCmd, AlterTableStmt, IndexStmt, Node, ReindexStmt } from "libpg-query";
import { actionsOf, dotted, listOf, nameOf } from "../sql/names.ts";

/** What a statement leaves in the catalog. Names are quoted and, where they were, qualified: `"app"."Posts"`. */
export type Effect =
  | {
      does: "create index";
      /** Undefined where PostgreSQL is left to choose the name. */
      name: string | undefined;
      table: string;
      concurrently: boolean;
      unique: boolean;
      /** Where in the text, in bytes, the table's name begins. */
      at: number;
    }
  | { does: "drop"; relations: string[] }
  | { does: "rename"; relation: string; to: string }
  | { does: "make constraint"; table: string; name: string }
  | { does: "rebuild"; what: "index" | "table" | "more"; name: string | undefined }
  | { does: "detach"; parent: string; partition: string; concurrently: boolean }
  | { does: "add label"; type: string; label: string };

/** Reads it of one statement; undefined for what leaves something else, or nothing. */
export function effectOf(statement: Node): Effect | undefined {
  if ("IndexStmt" in statement) return indexCreated(statement.IndexStmt);
  if ("ReindexStmt" in statement && isConcurrent(statement.ReindexStmt))
    return rebuilt(statement.ReindexStmt);
  if ("DropStmt" in statement) {
    const { objects = [], removeType = "" } = statement.DropStmt;
    if (!relationKinds.has(removeType)) return undefined;
    return { does: "drop", relations: objects.map((object) => dotted(listOf(object))) };
  }
  if ("AlterEnumStmt" in statement) {
    const { typeName = [], newVal, oldVal } = statement.AlterEnumStmt;
    if (newVal === undefined || oldVal !== undefined) return undefined;
    return { does: "add label", type: dotted(typeName), label: newVal };
  }
  if ("RenameStmt" in statement) {
    const { renameType = "", relation, newname } = statement.RenameStmt;
    if (!relationKinds.has(renameType) || relation === undefined || newname === undefined) return undefined;
    return { does: "rename", relation: nameOf(relation), to: newname };
  }
  return "AlterTableStmt" in statement ? altered(statement.AlterTableStmt, actionsOf(statement)) : undefined;
}

const relationKinds = new Set<string>(
  ["INDEX", "TABLE", "VIEW", "MATVIEW", "SEQUENCE", "FOREIGN_TABLE"].map((kind) => `OBJECT_${kind}`),
);

const indexCreated = ({ idxname, relation = {}, concurrent, unique }: IndexStmt): Effect => ({
  does: "create index",
  name: idxname,
  table: nameOf(relation),
  concurrently: concurrent === true,
  unique: unique === true,
  at: relation.location ?? 0,
});

function rebuilt({ kind, relation }: ReindexStmt): Effect {
  const what = kind === "REINDEX_OBJECT_INDEX" ? "index" : kind === "REINDEX_OBJECT_TABLE" ? "table" : "more";
  return { does: "rebuild", what, name: relation && nameOf(relation) };
}

/** `REINDEX (CONCURRENTLY) …` and `REINDEX … CONCURRENTLY`, but for `(CONCURRENTLY off)`. */
const isConcurrent = ({ params = [] }: ReindexStmt) =>
  params.some((param) => {
    if (!("DefElem" in param) || param.DefElem.defname !== "concurrently") return false;
    const { arg } = param.DefElem;
    return arg === undefined || !/^(false|off|0)$/i.test(settingOf(arg));
  });

function settingOf(arg: Node): string {
  if ("String" in arg) return arg.String.sval ?? "";
  if ("Boolean" in arg) return String(arg.Boolean.boolval ?? false);
  return "Integer" in arg ? String(arg.Integer.ival ?? 0) : "";
}

/** A constraint made of an index, or a partition detached; neither of them can be repeated. */
function altered({ relation = {} }: AlterTableStmt, [only, ...others]: AlterTableCmd[]): Effect | undefined {
  const { subtype, def } = only ?? {};
  if (others.length > 0 || def === undefined) return undefined;
  if (subtype === "AT_AddConstraint" && "Constraint" in def) {
    const { indexname, conname = indexname } = def.Constraint;
    if (indexname === undefined || conname === undefined) return undefined;
    return { does: "make constraint", table: nameOf(relation), name: conname };
  }
  if (subtype !== "AT_DetachPartition" || !("PartitionCmd" in def)) return undefined;
  const { name, concurrent = false } = def.PartitionCmd;
  if (name === undefined) return undefined;
  return { does: "detach", parent: nameOf(relation), partition: nameOf(name), concurrently: concurrent };
}
