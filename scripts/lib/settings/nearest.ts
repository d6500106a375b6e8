/** The word that takes the fewest changes to become another one; capitals count for nothing. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const far = words.map((other) => ({ other, changes: changes(word.toUpperCase(), other.toUpperCase()) }));
  const [best] = far.sort((a, b) => a.changes - b.changes);
  return best && best.changes <= Math.max(2, word.length / 2) ? best.other : undefined;
}

/** Levenshtein's distance. */
function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at++)
      next[at] = Math.min(
        (row[at] ?? 0) + 1,
        (next[at - 1] ?? 0) + 1,
        (row[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[to.length] ?? 0;
}
