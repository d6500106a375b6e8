import { leave } from "./leave.ts";

/** What may wait for a slow reader of the log. A Job that changes without end must not fill the memory with lines. */
const MOST_WAITING = 64 * 1024;
/** The last lines may take this long to be read. SIGTERM and --timeout are kept all the same. */
const FLUSH_WITHIN = 5_000;

const lines: string[] = [];
let leftOut = 0;

/**
 * A line of the log, written when the work at hand is done: Node makes its stdout when somebody first touches it,
 * which takes longer than sending the WATCH that follows the first line.
 */
export function print(line: string): void {
  if (lines.push(line) === 1) setImmediate(writeOut);
}

/** What is not the log: how to use it, and what goes wrong beside the work. */
export function complain(text: string): void {
  write(process.stderr, text);
}

/** The last line, whatever else is left out, then the exit code. At once: open sockets and timers have nothing left to say. */
export function exitWith(code: number, line: string): void {
  writeOut();
  writeLine(line);
  const streams = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0);
  if (streams.length === 0) leave(code);
  // The reader of a pipe has not taken everything yet, and leaving would cut it off.
  const written = streams.map((stream) => new Promise((done) => stream.write("", done)));
  Promise.all(written).then(() => leave(code));
  setTimeout(() => leave(code), FLUSH_WITHIN);
}

function writeOut(): void {
  for (const line of lines.splice(0)) {
    if (process.stdout.writableLength > MOST_WAITING) leftOut += 1;
    else writeLine(line);
  }
}

function writeLine(line: string): void {
  if (leftOut > 0) write(process.stdout, `(${leftOut} lines left out: the log was not read)`);
  leftOut = 0;
  write(process.stdout, line);
}

function write(stream: NodeJS.WriteStream, line: string): void {
  // A reader of the log that goes away must not decide what becomes of the pod.
  if (stream.listenerCount("error") === 0) stream.on("error", ignore);
  stream.write(`${line}\n`);
}

const ignore = () => undefined;
