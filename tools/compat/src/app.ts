import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Running, type Surroundings, start } from "./process.ts";

export interface App {
  url: string;
  process: Running;
}

/** Why an app does not serve. */
export class NotServing extends Error {}

const patienceMs = 30_000;

/** Starts an app on a free port and waits until it serves. */
export async function startApp(
  command: readonly string[],
  ready: string,
  around: Surroundings,
): Promise<App> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = await start(command, { ...around, env: { ...around.env, PORT: String(port) } });
  let ended = false;
  void process.ended.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(50)) {
    if (ended) throw new NotServing(`it ended: ${lastLines(process.output(), 1) || "without a word"}`);
    // A connection refused is the answer of an app that does not listen yet.
    const status = await fetch(url + ready, { signal: AbortSignal.timeout(2000) }).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === 200) return { url, process };
  }
  await process.stop();
  throw new NotServing(`${ready} did not answer 200 within ${patienceMs / 1000} s`);
}

export const lastLines = (text: string, count: number): string =>
  text.trim().split("\n").slice(-count).join("\n");

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once("error", failed).listen(0, "127.0.0.1", done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port on 127.0.0.1");
  return address.port;
}
