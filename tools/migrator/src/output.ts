import { redact } from "./redact.ts";

const stdout = process.stdout.write.bind(process.stdout);
const stderr = process.stderr.write.bind(process.stderr);

/** Our own output, redacted by whoever writes it: results to stdout, the log to stderr. */
export const toStdout = (text: string) => void stdout(text);
export const toStderr = (text: string) => void stderr(text);

/**
 * What migrations and commands print is redacted; with `--json` it goes to stderr, so that stdout is one document.
 */
export function keepResultAlone(json: boolean): void {
  process.stdout.write = foreign(json ? stderr : stdout);
  process.stderr.write = foreign(stderr);
}

function foreign(write: typeof stdout): typeof stdout {
  return ((chunk: string | Uint8Array, ...rest: never[]) =>
    write(typeof chunk === "string" ? redact(chunk) : chunk, ...rest)) as typeof stdout;
}
