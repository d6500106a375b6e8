import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Cluster } from "../cluster.ts";
import { record, text } from "../job.ts";
import { parseRetryAfter } from "./backoff.ts";
import type { gatherer } from "./gather.ts";
import { slimmer } from "./slim.ts";

/** A TCP connection whose other end has vanished is found out after this and ten probes of one second. */
const KEEPALIVE_AFTER = 10_000;
/** 103 Early Hints and their like: an API server sends none. */
const MOST_INTERIM = 16;
/** A refusal is known by its status: what it says beside that is not waited for any longer. */
const REFUSAL_WITHIN = 1_000;

/** The API server answered, but not with what was asked for. */
export class Refused extends Error {
  override name = "Refused";
  readonly status: number;
  readonly retryAfter: number;
  constructor(status: number, message: string, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export interface Client {
  get(path: string, signal: AbortSignal, accept?: string): Promise<IncomingMessage>;
  close(): void;
}

/** One keep-alive agent, so that LIST and WATCH share one connection and one TLS handshake. */
export function createClient(cluster: Cluster, answerWithin: number): Client {
  const secure = cluster.server.protocol === "https:";
  const module = secure ? https : http;
  const agent: http.Agent = new module.Agent({ keepAlive: true });
  return {
    get: (path, signal, accept = "application/json") =>
      get({ cluster, module, agent, answerWithin, path, signal, accept }),
    close: () => agent.destroy(),
  };
}

interface Get {
  readonly cluster: Cluster;
  readonly module: typeof http | typeof https;
  readonly agent: http.Agent;
  readonly answerWithin: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly accept: string;
}

async function get({ cluster, module, agent, answerWithin, path, signal, accept }: Get) {
  signal.throwIfAborted();
  const token = cluster.token();
  const response = await new Promise<IncomingMessage>((done, failed) => {
    const request = module.get(
      new URL(`${cluster.server.pathname.replace(/\/+$/, "")}${path}`, cluster.server),
      {
        agent,
        ca: cluster.authority(),
        headers: {
          accept,
          "user-agent": "wait-for-job",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
    );
    const late = setTimeout(() => {
      request.destroy(new Error(`no answer within ${answerWithin / 1000} s`));
    }, answerWithin);
    // A server may send these for ever, and never its answer.
    let interim = 0;
    request.on("information", () => {
      interim += 1;
      if (interim > MOST_INTERIM) request.destroy(new Error("it sends interim answers only"));
    });
    request.once("socket", (socket) => socket.setKeepAlive(true, KEEPALIVE_AFTER));
    // Not the option `signal`: Node loads more for it than for all of this, and that is time of the start.
    const abort = () => request.destroy(new Error("aborted"));
    signal.addEventListener("abort", abort);
    request.once("close", () => {
      clearTimeout(late);
      signal.removeEventListener("abort", abort);
    });
    request.on("error", (error) => {
      clearTimeout(late);
      failed(error);
    });
    request.once("response", (message) => {
      clearTimeout(late);
      done(message);
    });
  });
  if (response.statusCode === 200) return response;
  throw await refusal(response, Math.min(answerWithin, REFUSAL_WITHIN));
}

async function refusal(response: IncomingMessage, within: number): Promise<Refused> {
  const status = response.statusCode ?? 0;
  const retryAfter = parseRetryAfter(response.headers["retry-after"]);
  let message = "";
  try {
    const answer = await readBody(response, within, slimmer("an answer", { message: "all" }));
    message = text(record(JSON.parse(answer))?.message);
  } catch {
    // The status alone says enough: proxies answer in HTML, and a body may be cut.
  }
  return new Refused(status, `${status}${message ? ` ${message}` : ""}`, retryAfter);
}

/** The whole body, bounded in size and in time. By events: what `for await` loads first takes several milliseconds. */
export function readBody(
  response: IncomingMessage,
  within: number,
  body: ReturnType<typeof gatherer>,
): Promise<string> {
  return new Promise((done, failed) => {
    const late = setTimeout(
      () => response.destroy(new Error(`no whole answer within ${within / 1000} s`)),
      within,
    );
    response.on("data", (chunk: Buffer) => {
      try {
        body.add(chunk);
      } catch (error) {
        response.destroy(error as Error);
      }
    });
    response.once("end", () => done(body.take()));
    response.once("error", failed);
    response.once("close", () => {
      clearTimeout(late);
      failed(new Error("the answer was cut"));
    });
  });
}
