import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** More than any token or bundle of authorities has. */
const LARGEST = 4 * 1024 * 1024;

/** A file as it is now. Anything else that can be opened (a pipe, a device) may give nothing for ever, or have no end. */
export function readFile(path: string): Buffer {
  // A pipe that nobody writes to would not even be opened otherwise.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new NoFile("it is not a regular file");
    if (stat.size > LARGEST) throw new NoFile(`it has more than ${LARGEST} bytes`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

class NoFile extends Error {
  override name = "NoFile";
}

/** Why a file cannot be read, in a word or a few. */
export const whyUnreadable = (error: unknown) =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : "unknown error");
