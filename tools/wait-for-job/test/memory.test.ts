import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatherer } from "../src/watch/gather.ts";
import { lineSplitter } from "../src/watch/lines.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { QUICK, runGate } from "./support/gate.ts";
import { done, noise, roundOf, serveHostile } from "./support/hostile.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Bytes that are still in use after everything that can be collected is. */
function inUse(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** HOSTILE_RUNS=10000 plays as many streams to the one gate. */
const STREAMS = Number(process.env.HOSTILE_RUNS ?? 2_000);
/** Of one more stream: less than the smallest object with a listener takes, more than the engine's own growth. */
const ALLOWED = 300;
let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

test("one gate through thousands of hostile streams keeps nothing of them", {
  timeout: 600_000,
}, async () => {
  const rounds = fc.sample(roundOf(noise), { numRuns: 300, seed: 1 });
  const begin = Math.ceil(STREAMS / 2);
  let [served, before, after] = [0, 0, 0];
  serveHostile(
    api,
    () => {
      // What the scripted server remembers is not the gate's.
      api.requests.length = 0;
      served += 1;
      if (served === begin) before = inUse();
      if (served <= STREAMS) return rounds[served % rounds.length];
      after = inUse();
      return undefined;
    },
    () => done,
  );
  const timing = { ...QUICK, deniedFor: 600_000, backoffBase: 0.01, backoffCap: 0.01 };
  const gate = runGate(api.url, { timeout: 600_000 }, { timing, print: () => undefined });
  expect((await gate.verdict).code).toBe(0);
  expect(served).toBe(STREAMS + 1);
  const growth = (after - before) / (STREAMS - begin);
  console.log(
    `${STREAMS} hostile streams through one gate: ${growth.toFixed(0)} bytes more in use after each`,
  );
  expect(growth).toBeLessThan(ALLOWED);
});

test("a line that comes byte by byte takes no more memory than the line", () => {
  const push = lineSplitter(gatherer("a line"), () => undefined);
  const before = inUse();
  for (let n = 0; n < 1024 * 1024; n += 1) push(Buffer.from("x"));
  expect(inUse() - before).toBeLessThan(4 * 1024 * 1024);
  push(Buffer.from("\n"));
  expect(inUse() - before).toBeLessThan(1024 * 1024);
});
