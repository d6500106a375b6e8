import { redact } from "./redact.ts";

const stdout = process.stdout.write.bind(process.stdout);
const stderr = process.stderr.write.bind(process.stderr);

// A reader that has gone (`| head -1`) has seen enough: what becomes of the database is not its business.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

export interface Output {
  stdout: string;
  stderr: string;
}

let held: Output | undefined;

/** Our own output, redacted by whoever writes it: results to stdout, the log to stderr. */
export function toStdout(text: string): void {
  if (held === undefined) stdout(text);
  else held.stdout += text;
}

export function toStderr(text: string): void {
  if (held === undefined) stderr(text);
  else held.stderr += text;
}

/** What is said while this runs, instead of its being said. */
export function holding<T>(saying: () => T): { result: T; output: Output } {
  const output: Output = { stdout: "", stderr: "" };
  held = output;
  try {
    return { result: saying(), output };
  } finally {
    held = undefined;
  }
}

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

/** Resolves once all of it has been read or nobody reads any more: a pipe takes 64 KiB, the rest waits in this process. */
export async function flushed(): Promise<void> {
  await Promise.all([stdout, stderr].map((write) => new Promise<void>((done) => write("", () => done()))));
}
