import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, line, startApiServer } from "./support/api-server.ts";
import { runGate, until } from "./support/gate.ts";
import { complete, failed, job, withConditions } from "./support/jobs.ts";

let api: ApiServer;
beforeEach(async () => {
  api = await startApiServer();
});
afterEach(() => api.stop());

const watching = () => until(() => api.openWatches() === 1);

test("a Complete Job opens at once, with one LIST", async () => {
  api.apply(complete("migrate"));
  const { code, line } = await runGate(api.url).verdict;
  expect([code, line]).toEqual([0, "Open: Job default/migrate is Complete."]);
  expect(api.verbs()).toMatch(/^list( watch)?$/);
});

test("a Job that completes later opens, over one LIST and one WATCH on one connection", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
  expect(api.verbs()).toBe("list watch");
  expect(api.connections()).toBe(1);
  const { searchParams } = api.requests[1]?.url ?? new URL("http://missing");
  expect(Object.fromEntries(searchParams)).toEqual({
    fieldSelector: "metadata.name=migrate",
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: "300",
    resourceVersion: "101",
  });
});

test("an absent Job is waited for, and each change of state is said once", async () => {
  const gate = runGate(api.url);
  await watching();
  api.apply(job("migrate", {}));
  api.apply(job("migrate", { active: 1 }));
  api.apply(job("migrate", { active: 1, ready: 1 }));
  api.apply(job("migrate", { active: 1, failed: 1 }));
  api.apply(complete("migrate"));
  await gate.verdict;
  expect(gate.lines).toEqual([
    "Job default/migrate is absent",
    "Job default/migrate is not finished: 0 active, 0 failed",
    "Job default/migrate is not finished: 1 active, 0 failed",
    "Job default/migrate is not finished: 1 active, 1 failed",
    "Job default/migrate is Complete",
  ]);
});

test.each([
  ["0 active, 0 succeeded, 0 failed: before the first pod", { active: 0, succeeded: 0, failed: 0 }],
  ["no status at all", undefined],
  ["a succeeded pod without the condition", { succeeded: 1 }],
  ["a completion time without the condition", { succeeded: 1, completionTime: new Date() }],
  ["Complete=False", withConditions({ type: "Complete", status: "False" })],
  ["Complete=Unknown", withConditions({ type: "Complete", status: "Unknown" })],
  ["SuccessCriteriaMet, not yet Complete", withConditions({ type: "SuccessCriteriaMet", status: "True" })],
  ["FailureTarget, not yet Failed", withConditions({ type: "FailureTarget", status: "True" })],
  [
    "Complete both True and False",
    withConditions({ type: "Complete", status: "True" }, { type: "Complete", status: "False" }),
  ],
])("does not end on %s", async (_, status) => {
  api.apply(job("migrate", { active: 1 }));
  const gate = runGate(api.url, { timeout: 400 });
  await watching();
  api.apply(job("migrate", status));
  expect((await gate.verdict).code).toBe(3);
});

test("a Failed Job ends it with reason, message and the command that shows the log", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  api.apply(failed("migrate", "PodFailurePolicy", "exit code 20"));
  const { code, line } = await gate.verdict;
  expect(code).toBe(1);
  expect(line).toBe(
    "Job default/migrate has Failed: PodFailurePolicy (exit code 20). See why: kubectl -n default logs job/migrate --all-containers",
  );
});

test("Failed wins over Complete", async () => {
  const both = withConditions({ type: "Complete", status: "True" }, { type: "Failed", status: "True" });
  api.apply(job("migrate", both));
  expect((await runGate(api.url).verdict).code).toBe(1);
});

const describe = "kubectl -n default describe job migrate";
const pods = "kubectl -n default describe pod -l batch.kubernetes.io/job-name=migrate";
test.each([
  ["absent", undefined, "is absent", "kubectl -n default get jobs"],
  [
    "suspended",
    job("migrate", {}, { suspend: true }),
    "is suspended, so it starts no pod until it is resumed",
    describe,
  ],
  [
    "before its first pod",
    job("migrate", {}),
    "is not finished: 0 active, 0 failed, so no pod of it runs",
    `${describe}; ${pods}`,
  ],
  [
    "counted",
    job("migrate", { active: 2, failed: 3 }),
    "is not finished: 2 active, 3 failed",
    `${describe}; ${pods}`,
  ],
  [
    "ready",
    job("migrate", { active: 1, ready: 1 }),
    "is not finished: 1 active, 0 failed",
    `${describe}; ${pods}`,
  ],
  [
    "ImagePullBackOff, as far as a Job shows it",
    job("migrate", { active: 1, ready: 0 }),
    "is not finished: 1 active, 0 failed, but no pod of it is ready (image not pulled, not scheduled, not started?)",
    `${describe}; ${pods}`,
  ],
])("the timeout says what it was waiting on, and what shows more: %s", async (_, object, known, commands) => {
  if (object) api.apply(object);
  const { code, line } = await runGate(api.url, { timeout: 300 }).verdict;
  expect(code).toBe(3);
  expect(line).toBe(`Not open after 300ms: Job default/migrate ${known}. See more: ${commands}`);
});

test("the timeout names each of several Jobs that is not Complete, and no other", async () => {
  api.apply(complete("a"));
  api.apply(job("b"));
  api.apply(job("c", {}, { suspend: true }));
  api.apply(job("d", { active: 2 }));
  const { line } = await runGate(api.url, { jobs: ["a", "b", "c", "d", "e"], timeout: 300 }).verdict;
  expect(line).toBe(
    "Not open after 300ms: Job default/b is not finished: 1 active, 0 failed; " +
      "Job default/c is suspended, so it starts no pod until it is resumed; " +
      "Job default/d is not finished: 2 active, 0 failed; Job default/e is absent. " +
      "See more: kubectl -n default describe job b c d; " +
      "kubectl -n default describe pod -l 'batch.kubernetes.io/job-name in (b,d)'; kubectl -n default get jobs",
  );
});

test("a Job that is suspended is waited for, and opens once it is resumed and Complete", async () => {
  api.apply(job("migrate", withConditions({ type: "Suspended", status: "True" }), { suspend: true }));
  const gate = runGate(api.url);
  await watching();
  expect(gate.ended()).toBeUndefined();
  api.apply(job("migrate", { active: 1, ...withConditions({ type: "Suspended", status: "False" }) }));
  api.apply(complete("migrate"));
  expect((await gate.verdict).code).toBe(0);
  expect(gate.lines).toEqual([
    "Job default/migrate is suspended",
    "Job default/migrate is not finished: 1 active, 0 failed",
    "Job default/migrate is Complete",
  ]);
});

test("several Jobs: all must be Complete, one Failed is enough", async () => {
  api.apply(complete("a"));
  api.apply(job("b"));
  const opens = runGate(api.url, { jobs: ["a", "b"] });
  const stops = runGate(api.url, { jobs: ["a", "b", "c"] });
  await until(() => api.openWatches() === 5);
  expect(opens.ended()).toBeUndefined();
  api.apply(complete("b"));
  expect(await opens.verdict).toEqual({ code: 0, line: "Open: Jobs default/a, default/b are Complete." });
  expect(stops.ended()).toBeUndefined();
  api.apply(failed("c"));
  expect((await stops.verdict).code).toBe(1);
});

test("a Job that is replaced by one of the same name must complete itself", async () => {
  api.apply(job("migrate", {}, { uid: "first" }));
  const gate = runGate(api.url);
  await watching();
  api.remove(job("migrate", {}, { uid: "first" }));
  api.apply(job("migrate", { active: 1 }, { uid: "second" }));
  // Late news of the first life: the gate asks again instead of believing it.
  api.write(line("MODIFIED", complete("migrate", { uid: "first" })));
  await until(() => api.verbs() === "list watch list watch");
  expect(gate.ended()).toBeUndefined();
  api.apply(complete("migrate", { uid: "second" }));
  expect((await gate.verdict).code).toBe(0);
});

test("other kinds, other names and other namespaces in the stream are ignored", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url, { timeout: 500 });
  await watching();
  const done = complete("migrate");
  api.write(line("MODIFIED", { ...done, kind: "CronJob" }));
  api.write(line("MODIFIED", { ...done, apiVersion: "batch/v2" }));
  api.write(line("MODIFIED", complete("other")));
  api.write(line("MODIFIED", complete("migrate", { namespace: "elsewhere", uid: "migrate-uid" })));
  api.write(line("INVENTED", done));
  api.write(line("BOOKMARK", done));
  expect((await gate.verdict).code).toBe(3);
  expect(api.verbs()).toBe("list watch");
});

test("events survive any cutting into chunks, one byte at a time, within characters", async () => {
  api.apply(job("migrate"));
  const gate = runGate(api.url);
  await watching();
  const long = failed("migrate", "Größe", `grün ${"日本".repeat(50)}`);
  api.write(line("MODIFIED", job("migrate", { active: 3 })) + line("MODIFIED", long), 1);
  expect((await gate.verdict).line).toContain(`Größe (grün ${"日本".repeat(50)})`);
});
