import { connect } from "node:net";
import type { Sent } from "./requests.ts";

/** The status; `closed` without an answer; `none` when neither came in time, which is never right. */
export type Outcome = number | "closed" | "none";

const patienceMs = 20_000;

/** Sends a request as it is, with whatever faults no client library would let it have. */
export function send(url: string, { method, path, headers, body, cutAt }: Sent): Promise<Outcome> {
  const { hostname, port, host } = new URL(url);
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "Connection: close",
  ].join("\r\n");
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const end = (outcome: Outcome) => {
      clearTimeout(limit);
      socket.destroy();
      resolve(outcome);
    };
    const limit = setTimeout(() => end("none"), patienceMs);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      // The head is all that is looked at; the rest is read, as a client would.
      if (answer.length < 1000) answer += bytes.toString("latin1");
    });
    socket.on("close", () => end(statusOf(answer) ?? "closed"));
    socket.write(`${head}\r\n\r\n`, "latin1");
    if (body) socket.write(cutAt === undefined ? body : body.subarray(0, cutAt));
    if (cutAt !== undefined) socket.end();
  });
}

/** Of the last head: before it there may be a 100 Continue. */
function statusOf(answer: string): number | undefined {
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((found) => Number(found[1]));
  return statuses.find((status) => status >= 200);
}
