import type { gatherer } from "./gather.ts";

/**
 * Cuts a byte stream into lines, wherever the chunks happen to be cut (also within a character). What follows the
 * last newline is no event: the server ends each with one.
 */
export function lineSplitter(pending: ReturnType<typeof gatherer>, onLine: (line: string) => void) {
  return (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      pending.add(chunk.subarray(from, end));
      from = end + 1;
      const line = pending.take();
      if (line.trim() !== "") onLine(line);
    }
    pending.add(chunk.subarray(from));
  };
}
