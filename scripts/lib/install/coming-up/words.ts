/** What follows the sentence in the last words of Node. */
const noise = /^(\s+at |\s*[{}[\]]|Node\.js v|\s+\w+: .*,?$|\s*\^+\s*$)/;

/** The line that says most of what somebody printed last: of JSON, its message, and what to do next. */
export function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((each) => !noise.test(each)) ?? lines.at(-1) ?? "";
  const { message, next } = jsonOf(line);
  return (
    typeof message === "string" ? [message, next].filter((part) => typeof part === "string").join(" ") : line
  )
    .trim()
    .slice(0, 500);
}

function jsonOf(line: string): { message?: unknown; next?: unknown } {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
