import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJob } from "../src/job.ts";
import { readEvent } from "../src/watch/events.ts";
import { type ApiServer, answer, gone, line, startApiServer } from "./support/api-server.ts";
import { QUICK, runGate } from "./support/gate.ts";
import { complete, job, withConditions } from "./support/jobs.ts";

/** More for a longer look: HOSTILE_RUNS=10000. */
const RUNS = Number(process.env.HOSTILE_RUNS ?? 300);
const done = complete("migrate");
const status = (type: string, value: string) =>
  job("migrate", { succeeded: 1, ...withConditions({ type, status: value }) });

/** Everything a stream may contain, except what may open the gate. */
const noise = fc.oneof(
  fc.constantFrom(
    line("MODIFIED", job("migrate", { active: 1 })),
    line("MODIFIED", job("migrate", { active: 0, succeeded: 1, failed: 0 })),
    line("MODIFIED", job("migrate", {})),
    line("MODIFIED", status("Complete", "False")),
    line("MODIFIED", status("Complete", "Unknown")),
    line("MODIFIED", status("Complete", "true")),
    line("MODIFIED", status("complete", "True")),
    line("MODIFIED", status("SuccessCriteriaMet", "True")),
    line("MODIFIED", job("migrate", {}, { suspend: true })),
    line("ADDED", job("migrate", { active: 1 })),
    line("DELETED", done),
    line("BOOKMARK", done),
    line("ERROR", done),
    line("MODIFIED", complete("other")),
    line("MODIFIED", complete("migrate", { namespace: "other" })),
    line("MODIFIED", complete("migrate", { uid: "of an earlier life" })),
    line("MODIFIED", { ...done, kind: "Pod" }),
    line("MODIFIED", { ...done, apiVersion: "v1" }),
    line("MODIFIED", { ...done, metadata: null }),
    line("MODIFIED", { ...job("migrate"), status: { conditions: "Complete" } }),
    line("MODIFIED", { ...job("migrate"), status: { conditions: [null, 7, ["Complete", "True"]] } }),
    line("MODIFIED", [done]),
    JSON.stringify({ type: "MODIFIED", object: done }).slice(0, -1),
    '{"type":"MODIFIED","object":',
    "\n\n\r\n",
    "null\n",
    "[]\n",
    `${"[".repeat(20_000)}\n`,
    `${"x".repeat(70_000)}\n`,
    line("ERROR", gone()),
  ),
  fc.json().map((text) => `${text}\n`),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
);
const list = fc.constantFrom<object | string>(
  { kind: "JobList", apiVersion: "batch/v1", metadata: { resourceVersion: "1" }, items: [] },
  { kind: "JobList", apiVersion: "batch/v1", metadata: { resourceVersion: "1" }, items: [job("migrate")] },
  {
    kind: "JobList",
    apiVersion: "batch/v1",
    metadata: { resourceVersion: "1" },
    items: [complete("other"), null],
  },
  { kind: "JobList", apiVersion: "batch/v1", metadata: {}, items: [done] },
  { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [done] },
  "{",
  "",
);
const round = fc.record({
  list,
  status: fc.constantFrom(200, 200, 200, 200, 410, 429, 500, 403),
  stream: fc.array(noise, { maxLength: 8 }),
  cut: fc.boolean(),
});

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

test("hostile streams: never opens, never crashes, and opens once the truth comes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      const left = [...rounds];
      let current: (typeof rounds)[number] | undefined;
      let told = false;
      api.intercept((request, response) => {
        if (request.verb === "list") current = left.shift();
        if (current === undefined) {
          told = true;
          answer(response, 200, { ...EMPTY_LIST, items: [done] });
          return true;
        }
        if (request.verb === "list") {
          answer(response, current.status, current.list);
          return true;
        }
        const { stream, cut } = current;
        current = { ...current, stream: [] };
        response.writeHead(200, { "transfer-encoding": "chunked" });
        for (const piece of stream) response.write(piece);
        // A stream that ends in peace may be watched again; the next time it ends in an error.
        if (cut) response.write("", () => response.socket?.resetAndDestroy());
        else response.end(stream.length === 0 ? line("ERROR", gone()) : undefined);
        return true;
      });
      const timing = { ...QUICK, deniedFor: 60_000, backoffBase: 1, backoffCap: 2 };
      const gate = runGate(api.url, { timeout: 20_000 }, { timing });
      expect((await gate.verdict).code).toBe(0);
      expect(told).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

const EMPTY_LIST = { kind: "JobList", apiVersion: "batch/v1", metadata: { resourceVersion: "1" }, items: [] };
const target = { name: "migrate", namespace: "default" };

test("no line of noise is ever read as Complete, and none throws", () => {
  fc.assert(
    fc.property(noise, fc.constantFrom("absent", "running"), (bytes, kind) => {
      const known =
        kind === "absent"
          ? { kind }
          : ({ kind: "running", uid: "migrate-uid", active: 1, failed: 0 } as const);
      for (const one of bytes.toString().split("\n")) {
        const event = readEvent(one, target, known as Parameters<typeof readEvent>[2]);
        expect(event.kind === "job" && event.view.kind).not.toBe("complete");
      }
    }),
    { numRuns: RUNS * 10 },
  );
});

test("a Job is Complete exactly when a condition says so, whatever else its status holds", () => {
  const condition = fc.record({
    type: fc.constantFrom("Complete", "Failed", "Suspended", "SuccessCriteriaMet"),
    status: fc.constantFrom("True", "False", "Unknown"),
  });
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 4 }), fc.anything(), (conditions, other) => {
      const value = { ...job("migrate"), status: { ...Object(other), succeeded: 1, conditions } };
      const says = (type: string, status: string) =>
        conditions.some((one) => one.type === type && one.status === status);
      const clean = !says("Complete", "False") && !says("Complete", "Unknown");
      const expected = says("Complete", "True") && clean && !says("Failed", "True");
      expect(readJob(value, "migrate", "default")?.kind === "complete").toBe(expected);
    }),
    { numRuns: RUNS * 10 },
  );
});
