import type { Log } from "./log.ts";

/** Node's warnings, and those of libraries through it, as one line of the log each instead of several of plain text. */
export function logWarnings(log: Log): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message, ...rest }) => {
    const { code } = rest as { code?: string };
    log.warn({ warning: name, code }, message.replace(/\s+/g, " ").trim());
  });
}
