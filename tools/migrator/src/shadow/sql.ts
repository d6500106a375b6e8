import type { Node } from "libpg-query";
import { nodesIn, parse, scan, type Token } from "../sql/parser.ts";

/** One statement of a text, without the semicolon; comments stay with the statement they stand before or in. */
export interface Piece {
  text: string;
  /** The same with comments, string literals and dollar-quoted bodies blanked, for looking at words. */
  words: string;
  comments: string[];
}

/**
 * Splits what was sent in one call into its statements. Call loadParser() first. A text that cannot be parsed is split
 * at its semicolons, one whose quotes do not end is one piece.
 */
export function pieces(sql: string): Piece[] {
  const bytes = Buffer.from(sql);
  const text = (from: number, to: number) => bytes.toString("utf8", from, to);
  const tokens = scan(sql);
  if (tokens === undefined) return sql.trim() === "" ? [] : [{ text: sql, words: sql, comments: [] }];
  const found: Piece[] = [];
  let from = 0;
  const finish = (to: number) => {
    const own = tokens.filter(({ start, end }) => start >= from && end <= to);
    const comments = own.filter(isComment).map(({ start, end }) => text(start, end));
    if (own.some((token) => !isComment(token)))
      found.push({ text: text(from, to).trim(), words: wordsOf(own, from, to, text), comments });
    // A comment after the last semicolon still belongs to what it follows.
    else found.at(-1)?.comments.push(...comments);
    from = to + 1;
  };
  for (const { start } of separators(sql, tokens, text)) finish(start);
  finish(bytes.length);
  return found;
}

/** Semicolons between statements; there are others inside the body of a function. */
function separators(sql: string, tokens: readonly Token[], text: (from: number, to: number) => string) {
  const statements = parse(sql) ?? [];
  return tokens.filter(
    ({ start, end }) =>
      text(start, end) === ";" && !statements.some((one) => one.start <= start && start < one.end),
  );
}

const isComment = ({ name }: Token) => name === "SQL_COMMENT" || name === "C_COMMENT";

/** Bits and letters by their numbers have no name of their own. */
const isString = ({ name }: Token, written: string) => name === "SCONST" || /^([bx]|u&)'/i.test(written);

function wordsOf(
  own: readonly Token[],
  from: number,
  to: number,
  text: (from: number, to: number) => string,
): string {
  let words = "";
  let at = from;
  for (const token of own) {
    const written = text(token.start, token.end);
    words += text(at, token.start) + (isComment(token) || isString(token, written) ? " " : written);
    at = token.end;
  }
  return (words + text(at, to)).trim();
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
