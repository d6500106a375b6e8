/**
 * The load: an open model (arrivals do not wait for answers) against a service whose routes an adapter knows.
 *
 * Every finished request is one JSON line on the console, which is the raw output the verdict is computed from.
 * Field names are short because there are tens of thousands of lines:
 *   t start (ms since epoch) · d duration in ms, connecting included · s status (0: no answer) · v version that
 *   served it · k kind of request · c connection · ok as expected? · e error
 *   and for writes: op (create|edit|delete), id, token (unique in the run), body
 * A write is also one line *before* it is sent ({intent: true, …}): when the load is stopped, or an answer is lost,
 * the ledger must know that the write may have happened.
 *
 * Environment: URL, RATE (requests/s), CONNECTIONS (reused|new), RUN (unique name of the run), DURATION,
 * ADAPTER (file of the routes, an absolute path), SUMMARY (file for k6's own totals).
 */

import type { Adapter, Answer, Call, Look } from "@schema-rollout/scripts/lib/load/adapter.ts";
import exec from "k6/execution";
import http from "k6/http";
import type { Options } from "k6/options";
import { jsonOf } from "../../scripts/lib/load/json.ts";
import { nextMove } from "./moves.ts";

const url = setting("URL");
const run = setting("RUN");
const connections = setting("CONNECTIONS");
const rate = Number(setting("RATE"));
// An import needs a path that is written here; k6's require takes any.
const { default: adapter } = require(setting("ADAPTER")) as { default: Adapter };

function setting(name: string): string {
  const value = __ENV[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const options: Options = {
  // New connections: every request opens its own, as clients without keep-alive do. Global in k6, so one process each.
  noConnectionReuse: connections === "new",
  summaryTrendStats: ["p(50)", "p(95)", "p(99)", "max"],
  scenarios: {
    load: {
      executor: "constant-arrival-rate",
      rate,
      timeUnit: "1s",
      duration: setting("DURATION"),
      // Arrivals keep coming while requests hang: two seconds without an answer starve nothing.
      preAllocatedVUs: rate * 2,
      maxVUs: rate * 4,
    },
  },
};

interface Mine {
  id: string;
  token: string;
}
interface Written {
  op: "create" | "edit" | "delete";
  id?: string;
  token: string;
  body?: string;
}

/** Entries of this virtual user only, so that its edits are ordered and the ledger knows the last acknowledged one. */
const mine: Mine[] = [];

export default function () {
  const dice = Math.random();
  const entry = mine[Math.floor(Math.random() * mine.length)];
  const move = nextMove(dice, entry !== undefined, adapter);
  if (move === "create") return create();
  if (move === "page" && adapter.page) return look("page", adapter.page);
  if (move === "list" || !entry) return look("list", adapter.list);
  if (move === "edit") return edit(entry);
  if (move === "delete") return remove(entry);
  return read(entry);
}

const titleOf = (token: string) => `Load ${token}`;

function create() {
  const token = `${run}-${connections[0]}${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;
  const entry = { title: titleOf(token), body: `Written by the load test. ${token}` };
  intend({ op: "create", token, body: entry.body });
  const res = send("create", adapter.create.send(entry));
  let id: string | undefined;
  const verdict = judge(res, (answer) => {
    id = adapter.create.id(answer, entry);
    return id !== undefined;
  });
  const written: Written = { op: "create", token, body: entry.body, ...(id !== undefined && { id }) };
  record("create", res, verdict, written);
  if (id !== undefined) mine.push({ id, token });
}

function edit({ id, token }: Mine) {
  if (!adapter.edit) return;
  const { send: ask, done } = adapter.edit;
  const entry = {
    title: titleOf(token),
    body: `Edited by the load test. ${token} ${exec.vu.iterationInInstance}`,
  };
  const written: Written = { op: "edit", id, token, body: entry.body };
  intend(written);
  const res = send("edit", ask(id, entry));
  record(
    "edit",
    res,
    judge(res, (answer) => done(answer, entry)),
    written,
  );
}

function remove(entry: Mine) {
  if (!adapter.remove) return;
  const { send: ask, done } = adapter.remove;
  mine.splice(mine.indexOf(entry), 1);
  const written: Written = { op: "delete", ...entry };
  intend(written);
  const res = send("delete", ask(entry.id));
  record("delete", res, judge(res, done), written);
}

function read({ id, token }: Mine) {
  const res = send("read", adapter.read.send(id));
  record(
    "read",
    res,
    judge(res, (answer) => adapter.read.right(answer, id, titleOf(token))),
  );
}

function look(kind: "list" | "page", { send: ask, right }: Look) {
  const res = send(kind, ask());
  record(kind, res, judge(res, right));
}

const intend = (written: Written) => console.log(JSON.stringify({ intent: true, t: Date.now(), ...written }));

let startedAt = 0;
function send(name: string, { method, path, json, headers }: Call) {
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
function judge(res: Response, right: (answer: Answer) => boolean): string {
  try {
    return right(answerOf(res)) ? "" : res.error || unexpected(res);
  } catch (error) {
    return `${res.error || unexpected(res)} (the adapter failed on it: ${error})`;
  }
}

function record(kind: string, res: Response, wrong: string, written?: Written) {
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

/** k6's own totals, to be held against the raw lines: a line that got lost would otherwise go unseen. */
export function handleSummary(data: { metrics: Record<string, { values: Record<string, number> }> }) {
  const count = (metric: string) => data.metrics[metric]?.values.count ?? 0;
  return {
    [setting("SUMMARY")]: JSON.stringify({
      requests: count("http_reqs"),
      iterations: count("iterations"),
      droppedIterations: count("dropped_iterations"),
    }),
  };
}
