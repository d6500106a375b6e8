import { setFlagsFromString } from "node:v8";
import type { Node } from "libpg-query";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

/** One statement of a text. Its places are bytes of UTF-8, as PostgreSQL counts them. */
export interface ParsedStatement {
  /** `IndexStmt`, `SelectStmt`, …: PostgreSQL's own name of the node. */
  kind: string;
  node: Node;
  start: number;
  end: number;
}

export interface Token {
  /** PostgreSQL's name of the token, where it has one: `SCONST`, `SQL_COMMENT`, `C_COMMENT`. */
  name: string;
  start: number;
  end: number;
}

type Parser = Pick<typeof import("libpg-query"), "parseSync" | "scanSync">;

let parser: Parser | undefined;

/**
 * PostgreSQL's own parser, as WebAssembly. It takes memory and some 40 ms, so it is loaded by those who read SQL: `lint`,
 * `plan`, and a migration outside a transaction. Call it before the functions below.
 */
export async function loadParser(): Promise<void> {
  if (parser !== undefined) return;
  // One function of it is a hundred kilobytes: what V8's optimising compiler would make of it takes 600 MB and seconds, in
  // the background of the first statements. The plain code does thousands of statements in that time.
  setFlagsFromString("--no-wasm-dynamic-tiering");
  setFlagsFromString("--no-wasm-tier-up");
  try {
    const loaded = await import("libpg-query");
    await loaded.loadModule();
    parser = loaded;
  } catch (cause) {
    throw new MigratorError(ExitCode.Usage, "The parser for SQL, libpg-query, cannot be loaded.", {
      next: "Its libpg-query.wasm belongs beside the program: install the migrator whole.",
      cause,
    });
  }
}

/**
 * The statements of a text. Undefined where this parser cannot read it, which says nothing about the server: that may be
 * newer or older, or hold another opinion of backslashes.
 */
export function parse(sql: string): ParsedStatement[] | undefined {
  const whole = Buffer.byteLength(sql);
  const result = attempt(sql, (loaded) => loaded.parseSync(sql));
  return result?.stmts?.map(({ stmt = {} as Node, stmt_location = 0, stmt_len = 0 }) => ({
    kind: Object.keys(stmt)[0] ?? "",
    node: stmt,
    start: stmt_location,
    end: stmt_len === 0 ? whole : stmt_location + stmt_len,
  }));
}

/** The tokens of a text, comments among them. Undefined where not even those can be told (an open quote). */
export function scan(sql: string): Token[] | undefined {
  const result = attempt(sql, (loaded) => loaded.scanSync(sql));
  return result?.tokens.map(({ tokenName, start, end }) => ({ name: tokenName, start, end }));
}

function attempt<T>(sql: string, read: (loaded: Parser) => T): T | undefined {
  if (parser === undefined) throw new Error("loadParser() was not called");
  // It takes a text to end at the first NUL, and an empty one for a mistake.
  if (sql.includes("\0") || sql === "") return undefined;
  try {
    return read(parser);
  } catch {
    return undefined;
  }
}

/** Every node in a parse tree, by the name under which it stands there. Trees may be deeper than a call stack. */
export function* nodesIn(tree: object): Generator<{ kind: string; node: Record<string, unknown> }> {
  const left: object[] = [tree];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const [kind, node] of Object.entries(next)) {
      if (typeof node !== "object" || node === null) continue;
      if (!Array.isArray(node)) yield { kind, node };
      left.push(node);
    }
  }
}
