import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "./process.ts";
import { lastLine } from "./said.ts";

export interface App {
  url: string;
  process: Running;
}

/** Why an app does not serve. */
export class NotServing extends Error {}

const patienceMs = 30_000;

/** Waits until a process answers at `url`; rejects when it ends before that, or takes too long. */
export async function untilServing(process: Running, url: string): Promise<void> {
  let ended = false;
  void process.ended.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(50)) {
    if (ended) throw new NotServing(`it ended: ${lastLine(process.output()) || "without a word"}`);
    // A connection refused is the answer of an app that does not listen yet.
    const status = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === 200) return;
  }
  throw new NotServing(`${url} did not answer 200 within ${patienceMs / 1000} s`);
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once("error", failed).listen(0, "127.0.0.1", done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port on 127.0.0.1");
  return address.port;
}
