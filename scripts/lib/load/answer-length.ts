/** An HTTP/1.1 answer as it lies on the wire. */
export interface AnswerLength {
  /** Bytes of head and body; undefined while that cannot be told yet. */
  length: number | undefined;
  /** Whether the server ends the connection after it. */
  closes: boolean;
}

/** How long the answer is that these bytes begin with; undefined while its head is not complete. */
export function lengthOf(bytes: Buffer): AnswerLength | undefined {
  const headEnds = bytes.indexOf("\r\n\r\n");
  if (headEnds < 0) return undefined;
  const head = bytes.subarray(0, headEnds).toString("latin1");
  const body = headEnds + 4;
  const closes = /^connection:\s*close\s*$/im.test(head);
  if (/^transfer-encoding:\s*chunked\s*$/im.test(head)) return { length: endOfChunks(bytes, body), closes };
  const length = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
  return { length: length === undefined ? undefined : body + Number(length), closes };
}

/** Where the last chunk ends; undefined while it has not come. */
function endOfChunks(bytes: Buffer, from: number): number | undefined {
  for (let at = from; ; ) {
    const lineEnds = bytes.indexOf("\r\n", at);
    if (lineEnds < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(at, lineEnds).toString("latin1"), 16);
    at = lineEnds + 2 + size + 2;
    if (size === 0) return at <= bytes.length ? at : undefined;
  }
}
