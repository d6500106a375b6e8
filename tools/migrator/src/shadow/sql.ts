import type { Node } from "libpg-query";
import { nodesIn, parse, scan, type Token } from "../sql/parser.ts";

/** One statement of a text, without the semicolon; comments stay with the statement they stand before or in. */
export interface Piece {
  text: string;
  /** The same with comments blanked. */
  code: string;
  comments: string[];
  /** Undefined where PostgreSQL's parser, of the version we have, cannot read it. */
  node: Node | undefined;
}

/**
 * Splits what was sent in one call into its statements. Call loadParser() first. A text that cannot be parsed is split
 * at its semicolons, one whose quotes do not end is one piece.
 */
export function pieces(sql: string): Piece[] {
  const tokens = scan(sql);
  if (tokens === undefined)
    return sql.trim() === "" ? [] : [{ text: sql, code: sql, comments: [], node: undefined }];
  const statements = parse(sql) ?? [];
  const bytes = Buffer.from(sql);
  const text = (from: number, to: number) => bytes.toString("utf8", from, to);
  // There are others inside the body of a function.
  const separators = tokens.filter(
    ({ start, end }) =>
      text(start, end) === ";" && !statements.some((one) => one.start <= start && start < one.end),
  );
  const found: Piece[] = [];
  let from = 0;
  for (const to of [...separators.map(({ start }) => start), bytes.length]) {
    const own = tokens.filter(({ start, end }) => start >= from && end <= to);
    const comments = own.filter(isComment);
    const texts = comments.map(({ start, end }) => text(start, end));
    if (own.length > comments.length) {
      const code = blank(bytes.subarray(from, to), from, comments).trim();
      const node = statements.find(({ start }) => start >= from && start < to)?.node;
      found.push({ text: text(from, to).trim(), code, comments: texts, node });
    } else {
      // A comment after the last semicolon still belongs to what it follows.
      found.at(-1)?.comments.push(...texts);
    }
    from = to + 1;
  }
  return found;
}

const isComment = ({ name }: Token) => name === "SQL_COMMENT" || name === "C_COMMENT";

/** Lines stay where they are. */
function blank(bytes: Buffer, from: number, comments: readonly Token[]): string {
  const copy = Buffer.from(bytes);
  for (const { start, end } of comments)
    for (let at = start - from; at < end - from; at++) if (copy[at] !== 0x0a) copy[at] = 0x20;
  return copy.toString("utf8");
}

const statementsOf = (sql: string): Node[] | undefined => parse(sql)?.map(({ node }) => node);

/** BEGIN, COMMIT and the like alone: borders, not work. */
export const isTransactionControl = (sql: string) =>
  statementsOf(sql)?.every(
    (statement) =>
      "TransactionStmt" in statement ||
      ("VariableSetStmt" in statement && statement.VariableSetStmt.name === "TRANSACTION"),
  ) === true;

/** What TypeORM and helpers ask to find something out. The caller also checks that it locked no table. */
export function isCatalogLookup(sql: string): boolean {
  const [statement, ...others] = statementsOf(sql) ?? [];
  if (statement === undefined || others.length > 0) return false;
  if ("VariableShowStmt" in statement) return true;
  return "SelectStmt" in statement && [...nodesIn(statement)].some(({ node }) => asksCatalog(node));
}

function asksCatalog({ schemaname, relname, funcname }: Record<string, unknown>): boolean {
  const name = Array.isArray(funcname) ? lastName(funcname) : relname;
  return (
    schemaname === "information_schema" ||
    (typeof name === "string" && (name.startsWith("pg_") || lookups.has(name)))
  );
}

const lookups = new Set(["version", "current_schema", "current_database", "current_setting", "to_regclass"]);

const lastName = (parts: readonly Node[]) => {
  const last = parts.at(-1);
  return last !== undefined && "String" in last ? last.String.sval : undefined;
};

/** Asks the planner; unlike EXPLAIN ANALYZE it runs nothing. */
export function isExplain(sql: string): boolean {
  const [statement] = statementsOf(sql) ?? [];
  if (statement === undefined || !("ExplainStmt" in statement)) return false;
  const { options = [] } = statement.ExplainStmt;
  return !options.some((option) => "DefElem" in option && option.DefElem.defname === "analyze");
}
