import { access, constants, stat } from "node:fs/promises";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

/** Refuses what only has the name of a file: to open a FIFO is to wait until somebody writes into it, perhaps for ever. */
export async function onlyFile(path: string): Promise<void> {
  const why = await reasonAgainst(path);
  if (why === undefined) return;
  throw new MigratorError(ExitCode.Usage, `${path} cannot be read: ${why}.`, {
    next: "Nothing was changed. Take it away, or put the file there.",
    facts: { file: path },
  });
}

async function reasonAgainst(path: string): Promise<string | undefined> {
  try {
    const there = await stat(path);
    if (there.isFIFO()) return "it is a FIFO, not a file";
    if (there.isSocket()) return "it is a socket, not a file";
    if (there.isDirectory()) return "it is a folder, not a file";
    if (!there.isFile()) return "it is a device, not a file";
    await access(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // It was listed, so what is missing is what it leads to.
    if (code === "ENOENT") return "it is a link to what is not there";
    if (code === "ELOOP") return "it is a link that leads to itself";
    return code === "EACCES" || code === "EPERM" ? "this user may not read it" : message;
  }
}
