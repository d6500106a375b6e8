/**
 * The load: an open model (arrivals do not wait for answers) against the blog's API and pages.
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
 * SUMMARY (file for k6's own totals).
 */
import exec from "k6/execution";
import http from "k6/http";
import type { Options } from "k6/options";

const url = setting("URL");
const run = setting("RUN");
const connections = setting("CONNECTIONS");
const rate = Number(setting("RATE"));

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

interface Post {
  id: string;
  token: string;
}
interface Written {
  op: "create" | "edit" | "delete";
  id?: string;
  token: string;
  body?: string;
}

/** Posts of this virtual user only, so that its edits are ordered and the ledger knows the last acknowledged one. */
const mine: Post[] = [];
const params = { headers: { "content-type": "application/json" }, timeout: "5s" };

export default function () {
  const dice = Math.random();
  const post = mine[Math.floor(Math.random() * mine.length)];
  if (dice < 0.15) return create();
  if (dice < 0.25 && post) return edit(post);
  if (dice < 0.28 && post) return remove(post);
  if (dice < 0.6 && post) return read(post);
  if (dice < 0.75) return page();
  return list();
}

function create() {
  const token = `${run}-${connections[0]}${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;
  const body = `Written by the load test. ${token}`;
  intend({ op: "create", token, body });
  const res = send("create", "POST", "/api/posts", { title: `Load ${token}`, body });
  const post = json(res);
  const id = res.status === 201 && post?.id ? String(post.id) : undefined;
  record("create", res, id !== undefined && post?.body === body, {
    op: "create",
    token,
    body,
    ...(id ? { id } : {}),
  });
  if (id) mine.push({ id, token });
}

function edit(post: Post) {
  const body = `Edited by the load test. ${post.token} ${exec.vu.iterationInInstance}`;
  const written: Written = { op: "edit", id: post.id, token: post.token, body };
  intend(written);
  const res = send("edit", "PUT", `/api/posts/${post.id}`, { title: `Load ${post.token}`, body });
  record("edit", res, res.status === 200 && json(res)?.body === body, written);
}

function remove(post: Post) {
  mine.splice(mine.indexOf(post), 1);
  const written: Written = { op: "delete", id: post.id, token: post.token };
  intend(written);
  const res = send("delete", "DELETE", `/api/posts/${post.id}`);
  record("delete", res, res.status === 204, written);
}

function read(post: Post) {
  const res = send("read", "GET", `/api/posts/${post.id}`);
  const found = json(res);
  record("read", res, res.status === 200 && found?.id === post.id && found?.title === `Load ${post.token}`);
}

function list() {
  const res = send("list", "GET", "/api/posts?limit=10");
  const items = json(res)?.items;
  record("list", res, res.status === 200 && Array.isArray(items) && items.length > 0);
}

function page() {
  const res = send("page", "GET", "/");
  record("page", res, res.status === 200 && String(res.body).includes("</html>"));
}

/** The answer's JSON object; undefined for anything else, so that a cut or foreign answer is judged, not thrown. */
function json(res: Answer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(res.body));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const intend = (written: Written) => console.log(JSON.stringify({ intent: true, t: Date.now(), ...written }));

let startedAt = 0;
function send(name: string, method: string, path: string, body?: object) {
  startedAt = Date.now();
  return http.request(method, `${url}${path}`, body ? JSON.stringify(body) : null, {
    ...params,
    tags: { name },
  });
}

type Answer = ReturnType<typeof send>;

function record(kind: string, res: Answer, ok: boolean, written?: Written) {
  const { blocked, connecting, duration } = res.timings;
  const version = res.headers["X-App-Version"];
  const failure = ok && version ? {} : { e: res.error || explain(res) };
  console.log(
    JSON.stringify({
      t: startedAt,
      d: Math.round((blocked + connecting + duration) * 100) / 100,
      s: res.status,
      v: version ?? "",
      k: kind,
      c: connections,
      ok: ok && version !== undefined,
      ...failure,
      ...written,
    }),
  );
}

const explain = (res: Answer) =>
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
