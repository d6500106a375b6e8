/** One statement of a text, without the semicolon; comments stay with the statement they stand before or in. */
export interface Piece {
  text: string;
  /** The same with comments, string literals and dollar-quoted bodies blanked, for looking at words. */
  words: string;
  comments: string[];
}

// In this order: what begins first decides what the rest of it is.
const token =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|;|[^-/'"$;eE]+|[\s\S]/g;

/** Splits what was sent in one call into its statements. */
export function pieces(sql: string): Piece[] {
  const found: Piece[] = [];
  let piece: Piece = { text: "", words: "", comments: [] };
  const finish = () => {
    if (piece.words.trim() !== "")
      found.push({ ...piece, text: piece.text.trim(), words: piece.words.trim() });
    // A comment after the last semicolon still belongs to what it follows.
    else found.at(-1)?.comments.push(...piece.comments);
    piece = { text: "", words: "", comments: [] };
  };
  for (const [part] of sql.matchAll(token)) {
    if (part === ";") {
      finish();
      continue;
    }
    piece.text += part;
    const comment = part.startsWith("--") || (part.startsWith("/*") && part.length > 1);
    if (comment) piece.comments.push(part);
    const quoted = comment || (part.length > 1 && /^([eE]?'|\$(\w*)\$)/.test(part));
    piece.words += quoted ? " " : part;
  }
  finish();
  return found;
}

const first = (sql: string) => pieces(sql)[0]?.words ?? "";

/** BEGIN, COMMIT and the like alone: borders, not work. */
export const isTransactionControl = (sql: string) =>
  pieces(sql).every(({ words }) =>
    /^(BEGIN|START\s+TRANSACTION|SET\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE)\b/i.test(
      words,
    ),
  );

/** What TypeORM and helpers ask to find something out. The caller also checks that it locked no table. */
export function isCatalogLookup(sql: string): boolean {
  const words = first(sql);
  return (
    /^SHOW\b/i.test(words) ||
    (/^(SELECT|WITH)\b/i.test(words) &&
      /\b(pg_\w+|information_schema|version|current_schema|current_database|current_setting|to_regclass)\b/i.test(
        words,
      ))
  );
}

/** Asks the planner; unlike EXPLAIN ANALYZE it runs nothing. */
export const isExplain = (sql: string) => /^EXPLAIN\b(?!\s*\(?[^)]*\bANALYZE\b)/i.test(first(sql));
