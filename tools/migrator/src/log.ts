import { type Logger, pino } from "pino";
import { codeOf } from "./classify.ts";
import { toStderr } from "./output.ts";
import { redacted } from "./redact.ts";

export type Log = Logger;

/** Lines on stderr: JSON for machines, readable where a person watches. Results go to stdout, never logs. */
export async function createLog(options: { verbose: boolean; terminal: boolean }): Promise<Log> {
  return pino(
    {
      level: options.verbose ? "debug" : "info",
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      ...(!options.verbose && { serializers: { err: briefly } }),
      formatters: { level: (level) => ({ level }) },
    },
    await destination(options.terminal),
  );
}

/** A stack is for whoever asked for it. */
const briefly = (error: unknown) => ({
  message: error instanceof Error ? error.message : String(error),
  code: codeOf(error),
});

/** What to do next ends the line: where only the end of a log is shown, as in a termination message, it is there. */
const nextLast = ({ next, ...said }: Record<string, unknown>) => ({ ...said, next });

async function destination(terminal: boolean): Promise<{ write(line: string): void }> {
  // Parameters of a statement that failed may be secrets.
  const hidden = (key: string, value: unknown) =>
    key === "parameters" && Array.isArray(value) ? value.map(() => "***") : redacted(key, value);
  const clean = (line: string) => JSON.parse(line, hidden);
  if (!terminal) return { write: (line) => toStderr(`${JSON.stringify(nextLast(clean(line)))}\n`) };
  const { readable } = await import("./terminal.ts");
  // Loaded only here: in a pod it would cost start-up time for nothing.
  const { prettyFactory } = await import("pino-pretty");
  const pretty = prettyFactory({
    colorize: process.env.NO_COLOR === undefined,
    messageKey: "message",
    translateTime: "HH:MM:ss",
    ignore: "level",
    hideObject: true,
    messageFormat: readable,
  });
  return { write: (line) => toStderr(pretty(clean(line)) ?? line) };
}
