import { afterEach, beforeEach, expect, test } from "vitest";
import { findCluster } from "../src/cluster.ts";
import { explainEnd } from "../src/diagnostics/at-end.ts";
import { apply, start } from "../src/state.ts";
import { createClient } from "../src/watch/request.ts";
import { type ApiServer, startApiServer } from "./support/api-server.ts";
import { QUICK, runGate, until } from "./support/gate.ts";
import { complete, failed, job } from "./support/jobs.ts";
import { at, container, ended, NO_PODS, type Pods, pod, servePods } from "./support/pods.ts";

let api: ApiServer;
let pods: Pods;
beforeEach(async () => {
  pods = structuredClone(NO_PODS);
  api = await startApiServer(undefined, servePods(pods));
});
afterEach(() => api.stop());

const gate = (options = {}) => runGate(api.url, { diagnostics: true, ...options });
const PLAIN =
  "Job default/migrate has Failed: BackoffLimitExceeded (it failed too often). See why: kubectl -n default logs job/migrate --all-containers";

test("a Failed Job: the newest pod that failed, its exit code, and the end of its log", async () => {
  pods.items = [
    pod("migrate-aaa", { containerStatuses: [ended(1)] }, { created: "10:00:01" }),
    pod("migrate-ccc", { containerStatuses: [ended(20)] }, { created: "10:00:09" }),
    pod("migrate-bbb", { containerStatuses: [ended(2)] }, { created: "10:00:05" }),
    pod("migrate-ddd", { containerStatuses: [container({ running: {} })] }, { created: "10:00:10" }),
  ];
  pods.logs["migrate-ccc/migrator"] = "starting\nAddCategories1760000000000 failed\ncolumn does not exist\n";
  api.apply(failed("migrate"));
  const { code, line } = await gate().verdict;
  expect(code).toBe(1);
  expect(line).toBe(
    `${PLAIN} Pod migrate-ccc: container migrator ended with exit code 20 (Error); its log ends: starting | AddCategories1760000000000 failed | column does not exist.`,
  );
  expect(pods.asked).toEqual([
    "/api/v1/namespaces/default/pods?labelSelector=batch.kubernetes.io%2Fjob-name%3Dmigrate&limit=100",
    "/api/v1/namespaces/default/pods/migrate-ccc/log?container=migrator&previous=false&tailLines=10&limitBytes=16384",
  ]);
});

test.each([
  [
    "ImagePullBackOff",
    { containerStatuses: [container({ waiting: { reason: "ImagePullBackOff", message: "no such image" } })] },
    "container migrator waits: ImagePullBackOff (no such image).",
  ],
  [
    "not scheduled",
    {
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "0/3 nodes are available",
        },
      ],
    },
    "not scheduled: Unschedulable (0/3 nodes are available).",
  ],
  [
    "evicted",
    { phase: "Failed", reason: "Evicted", message: "low on memory" },
    "failed: Evicted (low on memory).",
  ],
  [
    "still being made",
    { phase: "Pending", containerStatuses: [container({ waiting: { reason: "ContainerCreating" } })] },
    "container migrator waits: ContainerCreating.",
  ],
  ["nothing told", { phase: "Pending" }, "phase Pending."],
])("a timeout says what the pod waits for: %s", async (_, status, says) => {
  pods.items = [pod("migrate-aaa", status)];
  api.apply(job("migrate", { active: 1, ready: 0 }));
  const { code, line } = await gate({ timeout: 200 }).verdict;
  expect(code).toBe(3);
  expect(line).toContain("Not open after 200ms: Job default/migrate is not finished");
  expect(line.endsWith(` Pod migrate-aaa: ${says}`)).toBe(true);
});

test("a timeout while the migration runs: what its log said last", async () => {
  pods.items = [pod("migrate-aaa", { containerStatuses: [container({ running: {} })] })];
  pods.logs["migrate-aaa/migrator"] = "waiting for a lock on posts held by 4711\n";
  api.apply(job("migrate"));
  const { line } = await gate({ timeout: 200 }).verdict;
  expect(line).toContain(
    "Pod migrate-aaa: container migrator is running; its log ends: waiting for a lock on posts held by 4711.",
  );
});

test("a container that is restarted tells what it said before", async () => {
  const lastState = { terminated: { exitCode: 31 } };
  pods.items = [
    pod("migrate-aaa", {
      containerStatuses: [container({ waiting: { reason: "CrashLoopBackOff" } }, { lastState })],
    }),
  ];
  pods.logs["migrate-aaa/migrator/previous"] = "login refused\n";
  api.apply(job("migrate"));
  const { line } = await gate({ timeout: 200 }).verdict;
  expect(line).toContain("container migrator waits: CrashLoopBackOff; its log ends: login refused.");
});

test("of two containers the one that ended first is the cause, also an init container", async () => {
  pods.items = [
    pod("migrate-aaa", {
      initContainerStatuses: [
        ended(1, { name: "sidecar", finishedAt: at("10:00:07") }),
        ended(0, { name: "fine", finishedAt: at("10:00:01") }),
      ],
      containerStatuses: [ended(1, { finishedAt: at("10:00:05") })],
    }),
  ];
  api.apply(failed("migrate"));
  expect((await gate().verdict).line).toContain("container migrator ended with exit code 1");
});

test("pods of an earlier life of the Job, and things that are no pods, tell nothing", async () => {
  pods.items = [
    pod("migrate-old", { containerStatuses: [ended(1)] }, { uid: "of an earlier life" }),
    { ...pod("migrate-aaa", {}), metadata: null as never },
    pod("../secrets", { containerStatuses: [ended(1)] }),
  ];
  api.apply(failed("migrate"));
  const { line } = await gate().verdict;
  expect(line).toBe(`${PLAIN} Job migrate has no pod (any more).`);
  expect(pods.asked).toHaveLength(1);
});

test("without the right to list pods: the plain message, and the log says which right is missing", async () => {
  pods.refuse = { pods: 403 };
  api.apply(failed("migrate"));
  const running = gate();
  expect(await running.verdict).toEqual({ code: 1, line: PLAIN });
  expect(running.lines.at(-1)).toBe(
    'The pods of Job default/migrate cannot be listed: 403 pods "" is forbidden (--diagnostics needs get and list of pods, and get of pods/log)',
  );
});

test("without the right to read logs: what the container left as its termination message", async () => {
  pods.items = [pod("migrate-aaa", { containerStatuses: [ended(20, { message: "syntax error\n" })] })];
  pods.refuse = { logs: 403 };
  api.apply(failed("migrate"));
  const running = gate();
  expect(await running.verdict).toEqual({
    code: 1,
    line: `${PLAIN} Pod migrate-aaa: container migrator ended with exit code 20 (Error); its log ends: syntax error.`,
  });
  expect(running.lines.at(-1)).toContain("The log of pod default/migrate-aaa cannot be read: 403");
});

test("a server that does not answer for pods changes neither code nor message", async () => {
  pods.silent = true;
  api.apply(failed("migrate"));
  const running = runGate(
    api.url,
    { diagnostics: true },
    { timing: { ...QUICK, diagnoseWithin: 100, answerWithin: 60_000 } },
  );
  expect(await running.verdict).toEqual({ code: 1, line: PLAIN });
  expect(running.lines.at(-1)).toBe(
    "The pods of Job default/migrate cannot be listed: no answer within 0.1 s",
  );
});

test("nothing is asked where the gate opens, while it waits, or without the flag", async () => {
  api.apply(job("migrate"));
  const opens = gate();
  await until(() => api.openWatches() === 1);
  api.apply(complete("migrate"));
  expect((await opens.verdict).code).toBe(0);
  api.apply(failed("broken"));
  expect((await gate({ jobs: ["broken"], diagnostics: false }).verdict).code).toBe(1);
  expect((await gate({ jobs: ["absent"], timeout: 50 }).verdict).code).toBe(3);
  expect(pods.asked).toEqual([]);
});

test("no password of the log, of a message, or of the gate's own database reaches the last line", async () => {
  const says = (reason: string, message: string) =>
    pod("migrate-aaa", { containerStatuses: [ended(20, { reason, message })] });
  pods.items = [says("Error", "x")];
  pods.logs["migrate-aaa/migrator"] = [
    "connecting to postgres://blog:hunter2@db:5432/blog",
    '{"msg":"env","PGPASSWORD":"hunter2"}',
    "the application's is opensesame",
  ].join("\n");
  api.apply(failed("migrate"));
  const url = "postgres://app:opensesame@127.0.0.1:9/x";
  const { line } = await runGate(api.url, { diagnostics: true }, { databaseUrl: url }).verdict;
  expect(line).not.toMatch(/hunter2|opensesame/);
  expect(line).toContain("postgres://blog:***@db:5432/blog");
  pods.logs = {};
  pods.items = [says("password=hunter2", "postgres://blog:hunter2@db/blog")];
  const left = (await runGate(api.url, { diagnostics: true }).verdict).line;
  expect(left).toContain("postgres://blog:***@db/blog");
  expect(left).not.toContain("hunter2");
});

test("a message or a log of half a megabyte holds the gate no longer than another; larger ones are left", async () => {
  // Looked through for passwords as a whole it would take hours: each piece looks like the beginning of a URL with one.
  const message = `${"x://a:".repeat(100_000)} and the end\n`;
  pods.items = [
    pod("migrate-aaa", { containerStatuses: [container({ waiting: { reason: "Odd", message } })] }),
  ];
  api.apply(job("migrate", { active: 1 }));
  expect((await gate({ timeout: 200 }).verdict).line).toMatch(
    /Pod migrate-aaa: container migrator waits: Odd\.$/,
  );
  pods.items = [pod("migrate-aaa", { containerStatuses: [ended(20)] })];
  pods.logs["migrate-aaa/migrator"] = message;
  pods.unlimited = true;
  expect((await gate({ timeout: 200 }).verdict).line).toMatch(/; its log ends: and the end\.$/);
  pods.logs["migrate-aaa/migrator"] = message.repeat(4);
  const running = gate({ timeout: 200 });
  expect((await running.verdict).line).toMatch(/exit code 20 \(Error\)\.$/);
  expect(running.lines.at(-1)).toContain("cannot be read: an answer of more than 1048576 bytes");
});

test.each(["open", "denied", "unconfirmed", "retired"] as const)(
  "a gate that ends as %s asks for no pod",
  async (why) => {
    api.apply(job("migrate"));
    const state = apply(
      start(["migrate"]),
      { type: "job", name: "migrate", view: { kind: "running", uid: "migrate-uid", active: 1, failed: 0 } },
      0,
    );
    const client = createClient(findCluster({ server: api.url }, {}), 1_000);
    const sources = { client, namespace: "default", timing: QUICK, print: () => undefined };
    expect(await explainEnd({ kind: "end", why }, state, sources)).toBe("");
    expect(await explainEnd({ kind: "end", why: "timed-out" }, state, sources)).toContain("has no pod");
    expect(pods.asked).toHaveLength(1);
    client.close();
  },
);

test("the last line stays short enough for a termination message, however much the log holds", async () => {
  pods.items = [pod("migrate-aaa", { containerStatuses: [ended(20)] })];
  pods.logs["migrate-aaa/migrator"] = `${"日本".repeat(3_000)} and the end\n`;
  api.apply(failed("migrate"));
  const { line } = await gate().verdict;
  expect(Buffer.byteLength(line)).toBeLessThan(4096);
});
