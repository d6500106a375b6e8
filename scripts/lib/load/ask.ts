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

/** Which release answers now, by the header that says so. */
export async function versionServed(url: string, adapter: Adapter): Promise<string> {
  const call = adapter.list.send();
  const answer = await ask(url, call).catch((error: Error) => {
    throw new Failure(`${url}${call.path} cannot be reached: ${String(error.cause ?? error.message)}`);
  });
  const version = answer.header(adapter.versionHeader);
  if (version) return version;
  throw new Failure(
    `${call.path} answered ${answer.status} without the header ${adapter.versionHeader}, which must say in every answer which release gave it.`,
  );
}
