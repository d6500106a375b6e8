import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { runGate, until } from "./support/gate.ts";
import { complete, job } from "./support/jobs.ts";

const GATES = 200;
let api: ApiServer;
beforeEach(async () => {
  api = await startApiServer();
});
afterEach(() => api.stop());

test("200 gates on one Job: one LIST and one WATCH each, none of them twice, and all open", async () => {
  api.apply(job("migrate"));
  const gates = Array.from({ length: GATES }, () => runGate(api.url));
  await until(() => api.openWatches() === GATES);
  for (const active of [2, 3]) api.apply(job("migrate", { active }));
  api.bookmark();
  api.apply(complete("migrate"));
  const verdicts = await Promise.all(gates.map(({ verdict }) => verdict));
  expect(verdicts.filter(({ code }) => code === 0)).toHaveLength(GATES);
  const asked = (verb: string) => api.requests.filter((request) => request.verb === verb).length;
  expect([asked("list"), asked("watch"), api.requests.length]).toEqual([GATES, GATES, 2 * GATES]);
  // Each asks over a connection of its own, so no gate has taken another one's share.
  expect(api.connections()).toBe(GATES);
});
