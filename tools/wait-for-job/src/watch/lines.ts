/**
 * Room for any Job: etcd refuses objects above 1.5 MiB, and their JSON is at most about twice that. A line beyond
 * this is no Kubernetes object, and must not be collected until memory ends.
 */
export const LONGEST_LINE = 4 * 1024 * 1024;

export class LineTooLong extends Error {
  override name = "LineTooLong";
}

/**
 * Cuts a byte stream into lines, wherever the chunks happen to be cut (also within a character). What follows the
 * last newline is no event: the server ends each with one.
 */
export function lineSplitter(onLine: (line: string) => void, longest = LONGEST_LINE) {
  let pending: Buffer[] = [];
  let size = 0;
  return (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      from = end + 1;
      if (size + piece.length > longest) throw new LineTooLong(`a line of more than ${longest} bytes`);
      const line =
        pending.length === 0 ? piece.toString("utf8") : Buffer.concat([...pending, piece]).toString("utf8");
      pending = [];
      size = 0;
      if (line.trim() !== "") onLine(line);
    }
    if (from === chunk.length) return;
    size += chunk.length - from;
    if (size > longest) throw new LineTooLong(`a line of more than ${longest} bytes`);
    pending.push(chunk.subarray(from));
  };
}
