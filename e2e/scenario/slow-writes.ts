import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface SlowWrite {
  /** HTTP status; 0 when the connection ended before an answer. */
  status: number;
  version: string;
  seconds: number;
}

/**
 * Writes posts over slow lines: each sends half of its body at once and the rest so many seconds later, while the server
 * waits for it. As an upload from a telephone does, and without a route of the blog's that is slow on purpose.
 */
export async function slowWrites(
  url: string,
  { lasting, perSecond, until }: { lasting: number; perSecond: number; until: Promise<unknown> },
): Promise<SlowWrite[]> {
  let over = false;
  const ended = until.finally(() => {
    over = true;
  });
  const writes: Promise<SlowWrite>[] = [];
  while (!over) {
    writes.push(slowWrite(url, lasting));
    await sleep(1_000 / perSecond);
  }
  await ended;
  return Promise.all(writes);
}

async function slowWrite(url: string, lasting: number): Promise<SlowWrite> {
  const startedAt = Date.now();
  const body = JSON.stringify({ title: "Sent slowly", body: "By a slow line." });
  const half = Math.floor(body.length / 2);
  const headers = { "content-type": "application/json", "content-length": body.length };
  const answer = new Promise<{ status: number; version: string }>((done) => {
    // A connection of its own: nothing else may end it.
    const sent = request(`${url}/api/posts`, { method: "POST", headers, agent: false });
    sent.on("response", (response) => {
      response.resume();
      response.on("close", () =>
        done({
          status: response.complete ? (response.statusCode ?? 0) : 0,
          version: String(response.headers["x-app-version"] ?? ""),
        }),
      );
    });
    sent.on("error", () => done({ status: 0, version: "" }));
    sent.write(body.slice(0, half));
    setTimeout(() => sent.end(body.slice(half)), lasting * 1_000);
  });
  return { ...(await answer), seconds: (Date.now() - startedAt) / 1_000 };
}
