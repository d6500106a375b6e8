import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { type ApiServer, answer, gone, line } from "./api-server.ts";
import { complete, job, withConditions } from "./jobs.ts";

export const done = complete("migrate");
const status = (type: string, value: string) =>
  job("migrate", { succeeded: 1, ...withConditions({ type, status: value }) });

const pieces = fc.constantFrom(
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
  line("BOOKMARK", { kind: "Job", apiVersion: "batch/v1", metadata: { resourceVersion: "1" } }),
);

/** As a controller gone mad writes it: dozens of states in a row, never the one that counts. */
const flapping = fc
  .array(fc.constantFrom("Complete", "Suspended", "SuccessCriteriaMet"), { minLength: 20, maxLength: 60 })
  .map((types) =>
    types
      .map((type, n) => line("MODIFIED", status(type, type !== "Complete" && n % 2 ? "True" : "False")))
      .join(""),
  );

const tooLong = Buffer.alloc(5 * 1024 * 1024, "x");

/** Everything a stream may contain, except what may open the gate. */
export const noise = fc.oneof(
  { weight: 60, arbitrary: pieces },
  { weight: 20, arbitrary: fc.json().map((text) => `${text}\n`) },
  { weight: 20, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 5, arbitrary: flapping },
  { weight: 1, arbitrary: fc.constant(tooLong) },
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

const statusCode = fc.constantFrom(200, 200, 200, 200, 410, 429, 500, 403);

/** What the server answers to one LIST and to what follows it. */
export const roundOf = (stream: fc.Arbitrary<string | Buffer>) =>
  fc.record({
    list,
    status: statusCode,
    watchStatus: statusCode,
    stream: fc.array(stream, { maxLength: 8 }),
    /** How the bytes are cut into chunks. */
    chunk: fc.constantFrom(Number.POSITIVE_INFINITY, 100, 1),
    cut: fc.boolean(),
  });

export type Round = typeof roundOf extends (of: never) => fc.Arbitrary<infer R> ? R : never;

/** Serves one round after the other, and the truth when there are no more. */
export function serveHostile(
  api: ApiServer,
  next: () => Round | undefined,
  truth: () => Promise<object> | object,
) {
  let current: Round | undefined;
  api.intercept((request, response) => {
    if (request.verb === "list") current = next();
    const round = current;
    if (round === undefined) {
      Promise.resolve(truth()).then((item) => answer(response, 200, { ...EMPTY_LIST, items: [item] }));
    } else if (request.verb === "list") answer(response, round.status, round.list);
    else if (round.watchStatus !== 200) {
      current = { ...round, watchStatus: 200 };
      answer(response, round.watchStatus, gone());
    } else {
      // A stream that ends in peace may be watched again; the next time it ends in an error.
      current = { ...round, stream: [] };
      streamOut(round, response);
    }
    return true;
  });
}

function streamOut({ stream, chunk, cut }: Round, response: ServerResponse) {
  response.writeHead(200, { "transfer-encoding": "chunked" });
  for (const piece of stream) {
    const bytes = Buffer.from(piece as string);
    // Megabytes in single bytes would take minutes; `lines` has its own test of that.
    const size = bytes.length > 4_000 ? bytes.length : Math.min(chunk, Math.max(bytes.length, 1));
    for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
  }
  if (cut) response.write("", () => response.socket?.resetAndDestroy());
  else response.end(stream.length === 0 ? line("ERROR", gone()) : undefined);
}

const EMPTY_LIST = { kind: "JobList", apiVersion: "batch/v1", metadata: { resourceVersion: "1" }, items: [] };
