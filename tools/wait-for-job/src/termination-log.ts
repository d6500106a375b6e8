import { closeSync, constants, openSync, writeSync } from "node:fs";

/** The kubelet keeps no more than this of a termination message. */
const LONGEST = 4096;

/**
 * Puts the last line where `kubectl describe pod` finds it. The kubelet makes this file; where it is missing (no
 * pod, another path) there is nobody to read it. Returns what went wrong, if it should not have.
 */
export function writeTerminationLog(path: string, line: string): string | undefined {
  try {
    // A pipe that nobody reads is an error, not something to wait for.
    const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC | constants.O_NONBLOCK);
    try {
      const bytes = Buffer.from(line, "utf8").subarray(0, LONGEST);
      // As a stream: a character cut in two at the end is left out, not replaced.
      writeSync(file, new TextDecoder().decode(bytes, { stream: true }));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") return `Cannot write ${path}: ${message}`;
  }
  return undefined;
}
