import http from "node:http";
import https from "node:https";
import { Failure } from "../failure.ts";
import type { Adapter, Answer, Call } from "./adapter.ts";
import { jsonOf } from "./json.ts";

/** Sends one request of an adapter's; `url` without a slash at the end. */
export async function ask(url: string, { method, path, json, headers }: Call): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(json && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    text,
    json: jsonOf(text),
  };
}

/**
 * Which release answers now, by the header that says so. On a connection of its own: one that is kept from earlier may lead
 * to a pod that is on its way out.
 */
export async function versionServed(url: string, adapter: Adapter): Promise<string> {
  const { path } = adapter.list.send();
  const get = url.startsWith("https:") ? https.get : http.get;
  const answer = await new Promise<http.IncomingMessage>((done, failed) => {
    get(`${url}${path}`, { agent: false }, done).on("error", failed);
  }).catch((error: Error) => {
    throw new Failure(`${url}${path} cannot be reached: ${error.message}`);
  });
  answer.resume();
  const version = answer.headers[adapter.versionHeader.toLowerCase()];
  if (typeof version === "string" && version !== "") return version;
  throw new Failure(
    `${path} answered ${answer.statusCode} without the header ${adapter.versionHeader}, which must say in every answer which release gave it.`,
  );
}
