/** A table as this repository's formatter leaves it: columns padded, bars escaped, each cell on one line. */
export function markdownTable(head: string[], rows: string[][]): string {
  const escaped = [head, ...rows].map((row) =>
    row.map((text) => text.replaceAll("|", "\\|").replace(/\s+/g, " ")),
  );
  const widths = head.map((_, column) => Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [first = [], ...rest] = escaped;
  return [
    line(first),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...rest.map(line),
    "",
  ].join("\n");
}
