import type { Server, ServerResponse } from "node:http";

export interface Patience {
  /** How long a client may take nothing of an answer that waits for it. */
  stallMs: number;
  /** How long it may take for all of one answer. */
  answerMs: number;
  /** How much may wait for all clients together. Beyond that, the one that has kept us waiting longest goes. */
  waitingBytes: number;
}

export const patience: Patience = { stallMs: 10_000, answerMs: 60_000, waitingBytes: 8 * 1024 * 1024 };

/**
 * An answer that its client does not read stays in our memory. So the time for that is limited, and the sum of what
 * waits: however many clients do not read, memory stays flat. What fits into the system's buffers is no matter here.
 */
export function closeSlowReaders(
  server: Server,
  { stallMs, answerMs, waitingBytes }: Patience = patience,
): void {
  // In the order in which they began to wait.
  const waiting = new Map<ServerResponse, number>();
  let bytes = 0;

  server.prependListener("request", ({ socket }, response) => {
    // From then on all of the answer is in the connection's hands.
    response.once("prefinish", () => {
      const size = socket.writableLength;
      if (size === 0) return;
      // Node.js sets its own, for an idle connection, when the answer is done.
      socket.setTimeout(stallMs);
      const late = setTimeout(() => socket.destroy(), answerMs);
      waiting.set(response, size);
      bytes += size;
      response.once("close", () => {
        clearTimeout(late);
        if (waiting.delete(response)) bytes -= size;
      });
      for (const [slowest, itsSize] of waiting) {
        if (bytes <= waitingBytes) break;
        waiting.delete(slowest);
        bytes -= itsSize;
        slowest.socket?.destroy();
      }
    });
  });
}
