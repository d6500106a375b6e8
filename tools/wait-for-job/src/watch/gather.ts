/**
 * Room for any Job: etcd refuses objects above 1.5 MiB, and their JSON is at most about twice that. What is longer is
 * no Kubernetes object, and must not be collected until memory ends.
 */
export const LONGEST = 4 * 1024 * 1024;

/** What is kept between two lines or answers; a larger buffer goes back to the collector. */
const KEEP = 64 * 1024;

export class TooLong extends Error {
  override name = "TooLong";
}

/**
 * Pieces of bytes, put together. They are copied, not kept: a Buffer of one byte costs about a hundred, so a sender
 * of single bytes would fill the memory long before `longest` is reached.
 */
export function gatherer(what: string, longest = LONGEST) {
  let bytes = Buffer.allocUnsafe(0);
  let size = 0;
  return {
    add(piece: Buffer): void {
      const needed = size + piece.length;
      if (needed > longest) throw new TooLong(`${what} of more than ${longest} bytes`);
      if (needed > bytes.length) {
        const larger = Buffer.allocUnsafe(Math.max(needed, 2 * bytes.length, 1024));
        bytes.copy(larger, 0, 0, size);
        bytes = larger;
      }
      piece.copy(bytes, size);
      size = needed;
    },
    /** All so far as text, and begins anew. */
    take(): string {
      const text = bytes.toString("utf8", 0, size);
      size = 0;
      if (bytes.length > KEEP) bytes = Buffer.allocUnsafe(0);
      return text;
    },
  };
}
