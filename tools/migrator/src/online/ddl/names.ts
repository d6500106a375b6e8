import { createHash } from "node:crypto";

/** A table by its names as the catalog has them: no quotes, upper and lower case as created. */
export interface TableName {
  /** Without it, the first schema of search_path that has the table. */
  schema?: string | undefined;
  table: string;
}

/** The longest name PostgreSQL keeps, in bytes; it cuts longer ones silently, and they are not found again. */
const longest = 63;

export const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

export const quoteAll = (names: readonly string[]) => names.map(quote).join(", ");

/** A value inside a statement that takes no parameters, as DDL. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/**
 * The name PostgreSQL itself would have chosen (`posts_category_id_fkey`), always the same for the same parts. One that
 * is too long is cut, and a hash of the whole keeps two long ones apart.
 */
export function derivedName(parts: readonly string[], suffix: string): string {
  const stem = parts.join("_");
  const full = `${stem}_${suffix}`;
  if (Buffer.byteLength(full) <= longest) return full;
  const hash = createHash("sha256").update(full).digest("hex").slice(0, 8);
  const tail = `_${hash}_${suffix}`;
  return cut(stem, longest - Buffer.byteLength(tail)) + tail;
}

/** A name the author chose, or the derived one. */
export function chosenName(name: string | undefined, parts: readonly string[], suffix: string): string {
  if (name === undefined) return derivedName(parts, suffix);
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= longest) return name;
  throw new Error(`the name "${name}" has ${bytes} bytes, PostgreSQL keeps 1 to ${longest}: choose another`);
}

function cut(text: string, bytes: number): string {
  const letters = [...text];
  while (Buffer.byteLength(letters.join("")) > bytes) letters.pop();
  return letters.join("");
}
