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

import type { Look } from "@schema-rollout/scripts/lib/load/adapter.ts";
import exec from "k6/execution";
import type { Options } from "k6/options";
import { rampSeconds } from "../../scripts/lib/load/ramp.ts";
import { nextMove } from "./moves.ts";
import { intend, judge, record, send, type Written } from "./request.ts";
import { adapter, connections, setting } from "./settings.ts";

const run = setting("RUN");
const rate = Number(setting("RATE"));

/**
 * Arrivals keep coming while requests hang: two seconds without an answer starve nothing, and with new connections of a light
 * load, where it costs little, not even four. k6 drops the arrival that finds no user free, though it may make another for
 * the next. Those who keep their connection are not more than that: each then uses it every two seconds, so that a pod
 * that drains can tell all of them to close it. One that was idle until the end may be closed just as a request is sent.
 */
const users = Math.max(rate * 2, Math.min(connections === "new" ? rate * 4 : 0, 200));

export const options: Options = {
  // New connections: every request opens its own, as clients without keep-alive do. Global in k6, so one process each.
  noConnectionReuse: connections === "new",
  summaryTrendStats: ["p(50)", "p(95)", "p(99)", "max"],
  scenarios: {
    load: {
      executor: "ramping-arrival-rate",
      startRate: Math.ceil(rate / 10),
      timeUnit: "1s",
      // Up from little, as clients come: pods that have just started answer their first requests slowly.
      stages: [
        { duration: `${rampSeconds}s`, target: rate },
        { duration: setting("DURATION"), target: rate },
      ],
      preAllocatedVUs: users,
      maxVUs: Math.max(rate * 4, users),
    },
  },
};

interface Mine {
  id: string;
  token: string;
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
