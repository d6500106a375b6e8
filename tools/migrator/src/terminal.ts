interface Line {
  level?: string;
  message?: string;
  migration?: string;
  [fact: string]: unknown;
}

/** Facts the sentence has said, or that only a program asks for. */
const unsaid = new Set(
  "level time message event exitCode migration phase transactional durationMs attempts next sql err".split(
    " ",
  ),
);

/** A line of the log as a person reads it. */
export function readable(line: Line): string {
  const { level, event, next, sql, err } = line;
  const label = level === "warn" || level === "error" ? `${level.toUpperCase()} ` : "";
  // What a command did stands in the sentence, or in the table above it.
  const facts = event === "summary" && level === "info" ? "" : factsOf(line);
  return [
    label + sentence(line) + facts,
    ...(sql === undefined ? [] : [`  sql:  ${sql}`]),
    ...(next === undefined ? [] : [`  next: ${next}`]),
    ...(err === undefined ? [] : [`  ${causeOf(err)}`]),
  ].join("\n");
}

function sentence({ message = "", migration, phase, transactional, durationMs, attempts }: Line): string {
  if (durationMs !== undefined && migration !== undefined) {
    return `${message} ${migration} in ${durationMs} ms${attempts === 1 ? "" : `, ${attempts} attempts`}`;
  }
  if (phase !== undefined && migration !== undefined) {
    return `${message} ${migration} (${phase}${transactional === false ? ", outside a transaction" : ""})`;
  }
  return migration === undefined || message.includes(migration) ? message : `${migration}: ${message}`;
}

/** Plain values alone: what is nested is described by the sentence. */
function factsOf(line: Line): string {
  const shown = Object.entries(line).filter(
    ([key, value]) => !unsaid.has(key) && value !== null && typeof value !== "object",
  );
  return shown.length === 0 ? "" : ` (${shown.map(([key, value]) => `${key} ${value}`).join(", ")})`;
}

function causeOf(err: unknown): string {
  const { stack, message } = err as { stack?: string; message?: string };
  return stack ?? `cause: ${message}`;
}
