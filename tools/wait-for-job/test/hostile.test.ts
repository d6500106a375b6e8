import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJob } from "../src/job.ts";
import { readEvent } from "../src/watch/events.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { QUICK, runGate } from "./support/gate.ts";
import { done, noise, roundOf, serveHostile } from "./support/hostile.ts";
import { job } from "./support/jobs.ts";

/** More for a longer look: HOSTILE_RUNS=10000. */
const RUNS = Number(process.env.HOSTILE_RUNS ?? 300);
const timing = { ...QUICK, deniedFor: 60_000, backoffBase: 1, backoffCap: 2 };
let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

test("hostile streams: never opens, never crashes, and opens once the truth comes", {
  timeout: 900_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(roundOf(noise), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const left = [...rounds];
      let told = false;
      serveHostile(
        api,
        () => left.shift(),
        () => {
          told = true;
          return done;
        },
      );
      const gate = runGate(api.url, { timeout: 20_000 }, { timing });
      expect((await gate.verdict).code).toBe(0);
      expect(told).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

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
