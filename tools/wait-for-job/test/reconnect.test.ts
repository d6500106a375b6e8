import { afterEach, beforeEach, expect, test } from "vitest";
import { findCluster } from "../src/cluster.ts";
import { type ApiServer, answer, gone, line, refuse, startApiServer } from "./support/api-server.ts";
import { pause, QUICK, runGate, until } from "./support/gate.ts";
import { complete, job } from "./support/jobs.ts";

let api: ApiServer;
beforeEach(async () => {
  api = await startApiServer();
});
afterEach(() => api.stop());

const watching = () => until(() => api.openWatches() === 1);

test("a WATCH the server ends goes on from the last version seen, bookmarks included", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  api.bookmark();
  api.endWatches();
  await until(() => api.verbs() === "list watch watch" && api.openWatches() === 1);
  expect(api.requests[2]?.url.searchParams.get("resourceVersion")).toBe("102");
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("410 inside a 200 stream: lists again, and sees what happened in between", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  api.intercept((request) => {
    // Between the cut and the new LIST the Job completes, and its event is forgotten.
    if (request.verb === "list") {
      api.apply(complete("migrate"));
      api.compact();
    }
    return false;
  });
  api.endWatchesWith(gone());
  expect((await gate.verdict).code).toBe(0);
  expect(api.verbs()).toMatch(/^list watch list/);
});

test("410 as the answer to a WATCH: lists again", async () => {
  api.apply(job("migrate"));
  let refused = 0;
  api.intercept((request, response) => {
    if (request.verb !== "watch" || refused++ > 0) return false;
    answer(response, 410, gone());
    return true;
  });
  const gate = runGate(api.url);
  await watching();
  expect(api.verbs()).toBe("list watch list watch");
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("a connection reset in the middle of a line: lists again, misses nothing, says nothing", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  api.write(line("MODIFIED", complete("migrate")).slice(0, -20));
  await pause(20);
  expect(gate.ended()).toBeUndefined();
  api.resetConnections();
  await until(() => api.verbs() === "list watch list watch" && api.openWatches() === 1);
  expect(gate.lines).toEqual(["Job default/migrate is not finished: 1 active, 0 failed"]);
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("silence: a WATCH without a byte is dead, a bookmark keeps it alive", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url, {}, { timing: { ...QUICK, silence: 500, healthyAfter: 50 } });
  await watching();
  for (let n = 0; n < 6; n += 1) {
    await pause(120);
    api.bookmark();
  }
  expect(api.verbs()).toBe("list watch");
  await until(() => api.verbs() === "list watch list watch");
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("a WATCH that drips, a byte now and then and never a line, is dead too", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url, {}, { timing: { ...QUICK, silence: 300, healthyAfter: 50 } });
  await watching();
  const drip = setInterval(() => api.write(" "), 50);
  await until(() => api.verbs().startsWith("list watch list"));
  clearInterval(drip);
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("an API server that accepts and never answers is given up and asked again", async () => {
  let ignored = 0;
  api.intercept(() => ignored++ < 2);
  api.apply(complete("migrate"));
  const gate = runGate(api.url, {}, { timing: { ...QUICK, answerWithin: 50 } });
  expect((await gate.verdict).code).toBe(0);
  expect(gate.lines[0]).toBe("Job default/migrate cannot be listed: no answer within 0.05 s; still trying");
});

test("a LIST whose body never ends is given up and asked again", async () => {
  let held = 0;
  api.intercept((_, response) => {
    if (held++ > 0) return false;
    response.writeHead(200).write('{"kind":"JobList",');
    return true;
  });
  api.apply(complete("migrate"));
  const gate = runGate(api.url, {}, { timing: { ...QUICK, answerWithin: 50 } });
  expect((await gate.verdict).code).toBe(0);
});

test("429 is retried no sooner than Retry-After says", async () => {
  api.apply(complete("migrate"));
  const times: number[] = [];
  api.intercept((request, response) => {
    times.push(performance.now());
    return times.length === 1 && refuse(429, "slow down", { "retry-after": "1" })(request, response);
  });
  const gate = runGate(api.url);
  expect((await gate.verdict).code).toBe(0);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  expect(gate.lines[0]).toBe("Job default/migrate cannot be listed: 429 slow down; still trying");
});

test("429 to a WATCH: the WATCH is put off, and no LIST is added to the load", async () => {
  api.apply(job("migrate"));
  const times: number[] = [];
  api.intercept((request, response) => {
    if (request.verb === "list") return false;
    times.push(performance.now());
    // Between the refusal and the next WATCH the Job completes.
    if (times.length === 1) api.apply(complete("migrate"));
    return times.length === 1 && refuse(429, "slow down", { "retry-after": "1" })(request, response);
  });
  const gate = runGate(api.url);
  expect((await gate.verdict).code).toBe(0);
  expect(api.verbs()).toBe("list watch watch");
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  expect(gate.lines).toContain("Job default/migrate cannot be watched: 429 slow down; still trying");
});

test.each(["list", "watch"] as const)("Retry-After as a date is heeded too, on a %s", async (verb) => {
  api.apply(job("migrate"));
  const times: number[] = [];
  // In whole seconds, as the header has it: between one and two from now.
  const until = Math.floor(Date.now() / 1000) * 1000 + 2_000;
  api.intercept((request, response) => {
    if (request.verb !== verb) return false;
    times.push(Date.now());
    const header = { "retry-after": new Date(until).toUTCString() };
    return times.length === 1 && refuse(503, "restarting", header)(request, response);
  });
  const gate = runGate(api.url);
  await watching();
  expect(times[1]).toBeGreaterThanOrEqual(until - 10);
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("Retry-After does not put off the timeout", async () => {
  api.intercept(refuse(429, "slow down", { "retry-after": "3600" }));
  const { code, line } = await runGate(api.url, { timeout: 1_000 }).verdict;
  expect(code).toBe(3);
  expect(line).toBe(
    "Not open after 1s: Job default/migrate cannot be listed: 429 slow down. " +
      "See more: kubectl -n default describe job migrate",
  );
});

test("the timeout says that the API server cannot be heard, and what the Job was when last seen", async () => {
  api.apply(job("migrate", { active: 1 }));
  const gate = runGate(api.url, { timeout: 1_000 });
  await watching();
  await api.stop();
  const { code, line } = await gate.verdict;
  expect(code).toBe(3);
  expect(line).toContain("Job default/migrate cannot be listed: connect ECONNREFUSED");
  expect(line).toContain("; when last seen it is not finished: 1 active, 0 failed. See more: kubectl");
  await api.restart();
});

test("an API server that goes down and comes back: nothing is missed", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  await api.stop();
  await until(() => gate.lines.some((one) => one.includes("ECONNREFUSED")));
  api.apply(complete("migrate"));
  api.compact();
  await api.restart();
  expect((await gate.verdict).code).toBe(0);
});

test.each([
  ["not JSON", "<html>"],
  [
    "another kind",
    JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [] }),
  ],
  [
    "a list of other things",
    JSON.stringify({
      kind: "CronJobList",
      apiVersion: "batch/v1",
      metadata: { resourceVersion: "1" },
      items: [],
    }),
  ],
  [
    "another API version",
    JSON.stringify({
      kind: "JobList",
      apiVersion: "batch/v2",
      metadata: { resourceVersion: "1" },
      items: [],
    }),
  ],
  ["no version", JSON.stringify({ kind: "JobList", apiVersion: "batch/v1", metadata: {}, items: [] })],
  [
    "no items",
    JSON.stringify({ kind: "JobList", apiVersion: "batch/v1", metadata: { resourceVersion: "1" } }),
  ],
  ["null", "null"],
  [
    "two Jobs of this name",
    JSON.stringify({
      kind: "JobList",
      apiVersion: "batch/v1",
      metadata: { resourceVersion: "1" },
      items: [complete("migrate"), job("migrate", {}, { uid: "another" })],
    }),
  ],
])("a 200 that is no list of Jobs (%s) is neither absent nor open", async (_, body) => {
  api.intercept((_request, response) => {
    answer(response, 200, body);
    return true;
  });
  const gate = runGate(api.url, { timeout: 600 });
  const { code, line } = await gate.verdict;
  expect(code).toBe(3);
  expect(line).toContain("cannot be listed");
});

test("a line that never ends does not fill the memory", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  api.write("x".repeat(5 * 1024 * 1024));
  await until(() => api.verbs() === "list watch list watch");
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("a server that cuts every stream is not hammered", async () => {
  api.apply(job("migrate"));
  const cuts: number[] = [];
  api.intercept((request, response) => {
    if (request.verb === "list" || cuts.length === 6) return false;
    cuts.push(performance.now());
    response.writeHead(200, { "transfer-encoding": "chunked" });
    response.write("\n", () => response.socket?.resetAndDestroy());
    return true;
  });
  const timing = { ...QUICK, backoffBase: 50, backoffCap: 100, healthyAfter: 5_000 };
  const gate = runGate(api.url, {}, { timing });
  await watching();
  // Half of 50 ms at least after the first cut, half of 100 after each other one.
  expect((cuts[5] ?? 0) - (cuts[0] ?? 0)).toBeGreaterThanOrEqual(25 + 4 * 50 - 5);
  expect(gate.lines).toContain("Job default/migrate cannot be watched: the connection was cut; still trying");
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
});

test("a namespace and a path prefix in --server are respected", async () => {
  api.intercept((request, response) => {
    answer(response, request.url.pathname === "/k8s/apis/batch/v1/namespaces/blog/jobs" ? 403 : 404, {});
    return true;
  });
  const cluster = findCluster({ server: `${api.url}/k8s/`, namespace: "blog" }, {});
  expect((await runGate(cluster).verdict).code).toBe(4);
});
