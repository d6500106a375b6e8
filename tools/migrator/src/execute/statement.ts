import type { AlterTableCmd, AlterTableStmt, IndexStmt, Node, RangeVar, ReindexStmt } from "libpg-query";
import { nodesIn, type ParsedStatement, parse } from "../sql/parser.ts";

/** What must be known of a statement before it may run outside a transaction. */
export interface StatementKind {
  /** Its lock waits block nobody, so it may wait long: it gets no lock_timeout but a statement budget. */
  patient: boolean;
  /** What it leaves in the catalog, where we know how to look for it. */
  effect?: Effect;
  /** It changes nothing that outlives the session, so that nobody has to remember that it ran. */
  passing: boolean;
  /**
   * It makes one thing, or takes one away: run again after it came to its end, the server says that this is there
   * already, or gone. Undefined where such an error could mean something else.
   */
  leaves?: "there" | "gone";
  /** It changes rows, which the catalog does not show. */
  rows: boolean;
  /** What it does cannot be read from it: code, or SQL this parser does not know. */
  opaque: boolean;
  /** The relations it names, without their schemas. */
  names: string[];
  /** The functions it calls, without their schemas: those that are not PostgreSQL's own may do anything. */
  functions: string[];
}

/** Names are quoted and, where they were, qualified: `"app"."Posts"`. */
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

const unreadable: StatementKind = {
  patient: false,
  passing: false,
  rows: false,
  opaque: true,
  names: [],
  functions: [],
};

/** Reads a text that was sent as one. What cannot be read is not safe: it keeps its lock_timeout, and is looked after. */
export function kindOf(sql: string): StatementKind {
  const statements = parse(sql);
  if (statements === undefined) return unreadable;
  const [first] = statements;
  const whole = {
    passing: statements.every(passes),
    rows: statements.some(({ kind }) => /^(Insert|Update|Delete|Merge|Copy)Stmt$/.test(kind)),
    opaque: statements.some(({ kind }) => ["DoStmt", "CallStmt", "ExecuteStmt"].includes(kind)),
    names: statements.flatMap(({ node }) => relationsIn(node)),
    functions: statements.flatMap(({ node }) => functionsIn(node)),
  };
  // Several statements in one text are one transaction, which neither CONCURRENTLY nor VACUUM runs in.
  if (first === undefined || statements.length > 1) return { ...whole, patient: false };
  const effect = effectOf(first.node);
  const leaves = leftBy(first);
  return {
    ...whole,
    patient: isPatient(first.node, effect),
    ...(effect && { effect }),
    ...(leaves && { leaves }),
  };
}

function effectOf(statement: Node): Effect | undefined {
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

function isPatient(statement: Node, effect: Effect | undefined): boolean {
  if (effect?.does === "create index") return effect.concurrently;
  if (effect?.does === "rebuild") return true;
  if ("DropStmt" in statement) return statement.DropStmt.concurrent === true;
  // Alone: a VALIDATE beside another action in one ALTER TABLE takes that action's lock.
  const actions = actionsOf(statement);
  return actions.length === 1 && actions[0]?.subtype === "AT_ValidateConstraint";
}

function leftBy({ kind, node }: ParsedStatement): StatementKind["leaves"] {
  if ("AlterTableStmt" in node) {
    const [only = {}, ...others] = actionsOf(node);
    if (others.length > 0) return undefined;
    if (only.subtype?.startsWith("AT_Add")) return "there";
    return /^AT_(Drop|Detach)/.test(only.subtype ?? "") ? "gone" : undefined;
  }
  if ("DropStmt" in node) return (node.DropStmt.objects ?? []).length === 1 ? "gone" : undefined;
  if (/^(Drop|Rename)/.test(kind)) return "gone";
  // With what is in it, it makes more than one thing.
  if ("CreateSchemaStmt" in node && node.CreateSchemaStmt.schemaElts !== undefined) return undefined;
  return /^(Create|Index|View|Define|CompositeType|Rule|AlterEnum)/.test(kind) ? "there" : undefined;
}

const actionsOf = (statement: Node) =>
  "AlterTableStmt" in statement
    ? (statement.AlterTableStmt.cmds ?? []).flatMap((cmd) =>
        "AlterTableCmd" in cmd ? [cmd.AlterTableCmd] : [],
      )
    : [];

const passes = ({ kind, node }: ParsedStatement) =>
  ["VariableSetStmt", "VariableShowStmt", "TransactionStmt", "ExplainStmt", "DiscardStmt"].includes(kind) ||
  ("SelectStmt" in node && node.SelectStmt.intoClause === undefined);

function relationsIn(statement: Node): string[] {
  const relations = [...nodesIn(statement)].flatMap(({ node: { relname, idxname } }) =>
    [relname, idxname].filter((name) => typeof name === "string"),
  );
  const dropped =
    "DropStmt" in statement
      ? (statement.DropStmt.objects ?? []).map((object) => listOf(object).map(textOf).at(-1) ?? "")
      : [];
  return [...relations, ...dropped];
}

const functionsIn = (statement: Node): string[] =>
  [...nodesIn(statement)].flatMap(({ kind, node }) => {
    const parts = kind === "FuncCall" && Array.isArray(node.funcname) ? node.funcname.map(textOf) : [];
    return parts.slice(-1);
  });

const listOf = (node: Node): Node[] => ("List" in node ? (node.List.items ?? []) : [node]);

const textOf = (node: Node): string => ("String" in node ? (node.String.sval ?? "") : "");

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

const dotted = (parts: readonly Node[]) => parts.map((part) => quote(textOf(part))).join(".");

const nameOf = ({ schemaname, relname = "" }: RangeVar) =>
  schemaname === undefined ? quote(relname) : `${quote(schemaname)}.${quote(relname)}`;
