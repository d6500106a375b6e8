/** What must be known of a statement before it may run outside a transaction. */
export interface StatementKind {
  /** Its lock waits block nobody, so it may wait long: it gets no lock_timeout but a statement budget. */
  patient: boolean;
  /** The index it builds CONCURRENTLY, as written. */
  index?: ConcurrentIndex;
  /** The index it rebuilds CONCURRENTLY, or the table all of whose indexes it rebuilds, as written. */
  rebuilt?: Rebuilt;
}

export interface Rebuilt {
  kind: "index" | "table";
  name: string;
}

export interface ConcurrentIndex {
  /** Undefined where PostgreSQL is left to choose the name. */
  name: string | undefined;
  /** The table, as written (quoted or not, with or without a schema). */
  table: string;
}

const identifier = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const qualified = String.raw`${identifier}(?:\s*\.\s*${identifier})?`;

const createIndex = new RegExp(
  String.raw`^CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:(?:IF\s+NOT\s+EXISTS\s+)?(?<name>(?!ON\s)${identifier})\s+)?ON\s+(?:ONLY\s+)?(?<table>${qualified})`,
  "iu",
);
const reindex = new RegExp(
  String.raw`^REINDEX\s+(?:\([^)]*\)\s*)?(?<kind>INDEX|TABLE|SCHEMA|DATABASE)\s+CONCURRENTLY\s+(?<name>${qualified})`,
  "iu",
);
const dropIndex = /^DROP\s+INDEX\s+CONCURRENTLY\s/i;
// The whole statement: a VALIDATE beside another action in one ALTER TABLE takes that action's lock.
const validate = new RegExp(
  String.raw`^ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?${qualified}\s*\*?\s+VALIDATE\s+CONSTRAINT\s+${identifier}\s*;?\s*$`,
  "iu",
);

/** Recognises CREATE/DROP/REINDEX … CONCURRENTLY and VALIDATE CONSTRAINT. Everything else keeps its lock_timeout. */
export function kindOf(sql: string): StatementKind {
  const text = withoutLeadingComments(sql);
  const { name, table } = createIndex.exec(text)?.groups ?? {};
  if (table !== undefined) return { patient: true, index: { name, table } };
  const rebuilt = reindex.exec(text)?.groups;
  if (rebuilt !== undefined) return { patient: true, ...rebuiltBy(rebuilt) };
  return { patient: dropIndex.test(text) || validate.test(text) };
}

function rebuiltBy({ kind = "", name = "" }: Record<string, string>): Pick<StatementKind, "rebuilt"> {
  const what = kind.toLowerCase();
  return what === "index" || what === "table" ? { rebuilt: { kind: what, name } } : {};
}

const withoutLeadingComments = (sql: string) => sql.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/, "");
