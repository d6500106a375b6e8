import { Red } from "./checks.ts";
import type { Ended } from "./process.ts";

export const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

/** How a command failed. The last line it wrote says most; the first ones say where it began to go wrong. */
export function redBecause(what: string, { code, signal, output }: Ended & { output: string }): Red {
  const how = signal === null ? `exit code ${code}` : `ended by ${signal}`;
  const last = messageOf(lastLine(output));
  const before = output.split("\n").slice(0, -1).slice(0, 8).join("\n");
  return new Red(`${what}: ${last ? `${last} (${how})` : how}`, before);
}

/** The message of a line of JSON log as the usual loggers write it; other lines as they are. */
export function messageOf(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const { err, error, message, msg } = JSON.parse(line);
    return String(err?.message ?? error?.message ?? message ?? msg ?? line);
  } catch {
    return line;
  }
}
