import type { Node } from "libpg-query";
import { actionsOf, listOf, textOf } from "../sql/names.ts";
import { nodesIn, type ParsedStatement, parse } from "../sql/parser.ts";
import { type Effect, effectOf } from "./effect.ts";

/** What must be known of a statement before it may run outside a transaction. */
export interface StatementKind {
  /** Its lock waits block nobody, so it may wait long: it gets no lock_timeout but a statement budget. */
  patient: boolean;
  /** What it leaves in the catalog, where we know how to look for it. */
  effect?: Effect;
  /**
   * Worth a note that it began: it changes what outlives the session. One that may hold a password is not, because from
   * the hash of it a weak one could be guessed.
   */
  noted: boolean;
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

const unreadable: StatementKind = {
  patient: false,
  noted: false,
  rows: false,
  opaque: true,
  names: [],
  functions: [],
};

/** A backfill sends the same few texts thousands of times. */
const lately = new Map<string, StatementKind>();

/** Reads a text that was sent as one. What cannot be read is not safe: it keeps its lock_timeout, and is looked after. */
export function kindOf(sql: string): StatementKind {
  const known = lately.get(sql);
  if (known !== undefined) return known;
  const kind = read(sql);
  if (lately.size >= 50) lately.clear();
  lately.set(sql, kind);
  return kind;
}

function read(sql: string): StatementKind {
  const statements = parse(sql);
  if (statements === undefined) return unreadable;
  const [first] = statements;
  const seen = {
    rows: statements.some(({ kind }) => /^(Insert|Update|Delete|Merge|Copy)Stmt$/.test(kind)),
    opaque: statements.some(({ kind }) => ["DoStmt", "CallStmt", "ExecuteStmt"].includes(kind)),
    names: statements.flatMap(({ node }) => relationsIn(node)),
    functions: statements.flatMap(({ node }) => functionsIn(node)),
  };
  const unclear = statements.length > 1 || seen.rows || seen.opaque;
  const secret = statements.some(({ kind }) => secretive.has(kind)) || (unclear && /password/i.test(sql));
  const whole = { ...seen, noted: !secret && !statements.every(passes) };
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

const secretive = new Set(
  ["Role", "UserMapping", "Subscription", "ForeignServer", "Fdw"]
    .flatMap((what) => [`Create${what}Stmt`, `Alter${what}Stmt`])
    .concat("AlterSystemStmt"),
);

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
