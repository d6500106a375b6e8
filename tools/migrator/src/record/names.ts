/** PostgreSQL cuts longer names without a word, so that two of them could become one. */
const longestName = 63;

/** Why no table or schema can have this name; undefined when one can. */
export function unfitName(name: string): string | undefined {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0) return "It is empty.";
  if (name.includes("\0")) return "It holds a NUL.";
  return bytes > longestName
    ? `It has ${bytes} bytes, and PostgreSQL cuts names after ${longestName}.`
    : undefined;
}
