import type { Answer, Call } from "@schema-rollout/scripts/lib/load/adapter.ts";
import http from "k6/http";
import { jsonOf } from "../../scripts/lib/load/json.ts";
import { adapter, connections, setting } from "./settings.ts";

const url = setting("URL");

export interface Written {
  op: "create" | "edit" | "delete";
  id?: string;
  token: string;
  body?: string;
}

/** Before it is sent: the write may have happened, whatever comes back. */
export const intend = (written: Written) =>
  console.log(JSON.stringify({ intent: true, t: Date.now(), ...written }));

let startedAt = 0;
export function send(name: string, { method, path, json, headers }: Call) {
  const body = json === undefined ? null : JSON.stringify(json);
  startedAt = Date.now();
  return http.request(method, `${url}${path}`, body, {
    headers: { "content-type": "application/json", ...headers },
    timeout: "5s",
    tags: { name },
  });
}

type Response = ReturnType<typeof send>;

const answerOf = (res: Response): Answer => ({
  status: res.status,
  header: (name) => headerOf(res, name),
  text: String(res.body ?? ""),
  // Only where it is asked for: a page need not be parsed.
  get json() {
    return jsonOf(this.text);
  },
});

/** k6 has the names as Go writes them: X-App-Version. */
const headerOf = (res: Response, name: string): string | undefined =>
  res.headers[name.replace(/(^|-)[a-z]/g, (first) => first.toUpperCase())];

/** "" where the answer is right, else what is wrong with it. */
export function judge(res: Response, right: (answer: Answer) => boolean): string {
  try {
    return right(answerOf(res)) ? "" : res.error || unexpected(res);
  } catch (error) {
    return `${res.error || unexpected(res)} (the adapter failed on it: ${error})`;
  }
}

/** One line of the raw output. */
export function record(kind: string, res: Response, wrong: string, written?: Written) {
  const { blocked, connecting, duration } = res.timings;
  const version = headerOf(res, adapter.versionHeader);
  const ok = wrong === "" && version !== undefined;
  console.log(
    JSON.stringify({
      t: startedAt,
      d: Math.round((blocked + connecting + duration) * 100) / 100,
      s: res.status,
      v: version ?? "",
      k: kind,
      c: connections,
      ok,
      ...(!ok && { e: wrong || res.error || unexpected(res) }),
      ...written,
    }),
  );
}

const unexpected = (res: Response) =>
  `unexpected answer ${res.status}: ${String(res.body ?? "")
    .replace(/\s+/g, " ")
    .slice(0, 200)}`;
