import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { hope } from "../lib/install/coming-up/hope.ts";
import { judge } from "../lib/install/coming-up/judge.ts";
import type { Seen } from "../lib/install/coming-up/look.ts";
import { lastLine } from "../lib/install/coming-up/words.ts";

const second = 1_000;
const patience = { unschedulableMs: 15 * second };
const began = Date.parse("2026-01-01T12:00:00Z");
const at = (seconds: number) => new Date(began + seconds * second);

const owned = (uid: string) => [{ apiVersion: "apps/v1", kind: "x", name: "x", uid }];
const revision = (number: string) => ({ "deployment.kubernetes.io/revision": number });
const instance = { "app.kubernetes.io/instance": "blog" };

/** A Deployment whose second revision is rolled out, and what the tests put beside it. */
function seen(pods: V1Pod[], more: Partial<Seen> = {}): Seen {
  const set = (uid: string, number: string) => ({
    metadata: { uid, name: `blog-${number}`, annotations: revision(number), ownerReferences: owned("blog") },
    spec: { replicas: 1, selector: {} },
    status: { replicas: 1 },
  });
  return {
    deployments: [
      {
        metadata: { uid: "blog", name: "blog", generation: 2, annotations: revision("2"), labels: instance },
        status: { observedGeneration: 2 },
      },
    ],
    replicaSets: [set("old", "1"), set("new", "2")],
    ...{ statefulSets: [], jobs: [], claims: [], events: [] },
    pods,
    ...more,
  };
}

const pod = (status: V1Pod["status"], owner = "new"): V1Pod => ({
  metadata: { name: "blog-2-x", uid: "pod", ownerReferences: owned(owner) },
  spec: { containers: [{ name: "blog", resources: { limits: { memory: "12Mi" } } }] },
  ...(status && { status }),
});
const container = (status: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  ...{ name: "blog", image: "localhost/blog:1", imageID: "", ready: false, restartCount: 0 },
  ...status,
});
const waiting = (reason: string, message = "", more: Partial<V1ContainerStatus> = {}) =>
  pod({ containerStatuses: [container({ state: { waiting: { reason, message } }, ...more })] });
const event = (uid: string, reason: string, message: string): CoreV1Event => ({
  ...{ metadata: {}, involvedObject: { uid }, type: "Warning", reason, message },
});

/** What is said, and after how many seconds, of something that stays as it is. */
function verdictOn(what: Seen): [number, string] | undefined {
  const { lostTo } = hope(began);
  for (let now = 0; now <= 180; now++) {
    const { faults, failedJob } = judge(what, { deployment: "blog" }, patience);
    if (failedJob) return [now, `${failedJob.job}: ${failedJob.message}`];
    const fault = lostTo(faults, began + now * second);
    if (fault) return [now, fault.text];
  }
  return undefined;
}

test.each<[string, Seen, number, RegExp]>([
  [
    "a name that is none",
    seen([waiting("InvalidImageName", "couldn't parse image reference", { image: "Blog:1" })]),
    0,
    /^pod blog-2-x, container blog: "Blog:1" is no name of an image, InvalidImageName: couldn't parse/,
  ],
  [
    "an image that the registry does not have",
    seen([waiting("ErrImagePull", "failed to resolve reference: localhost/blog:1: not found")]),
    3,
    /the image localhost\/blog:1 cannot be pulled, ErrImagePull: .*not found$/,
  ],
  [
    "a registry that may answer the second time",
    seen([waiting("ImagePullBackOff", "dial tcp 10.0.0.1:443: i/o timeout")]),
    20,
    /cannot be pulled, ImagePullBackOff: .*i\/o timeout$/,
  ],
  [
    "a Secret that is missing",
    seen([waiting("CreateContainerConfigError", 'secret "blog-app-database" not found')]),
    8,
    /its configuration is incomplete, CreateContainerConfigError: secret "blog-app-database" not found$/,
  ],
  [
    "a pod that no node takes",
    seen([
      pod({
        conditions: [
          {
            ...{ type: "PodScheduled", status: "False", reason: "Unschedulable" },
            message: "0/1 nodes are available: 1 Insufficient memory.",
          },
        ],
      }),
    ]),
    15,
    /^pod blog-2-x: no node takes it, Unschedulable: 0\/1 nodes are available: 1 Insufficient memory\.$/,
  ],
  [
    "a quota that is exceeded",
    {
      ...seen([], { events: [event("new", "FailedCreate", "exceeded quota: small")] }),
      replicaSets: seen([]).replicaSets.map((set) => ({ ...set, status: { replicas: 0 } })),
    },
    10,
    /^ReplicaSet blog-2: its pods are not made, FailedCreate: exceeded quota: small$/,
  ],
  [
    "a volume whose Secret is missing",
    seen([waiting("ContainerCreating")], {
      events: [event("pod", "FailedMount", 'MountVolume.SetUp failed: secret "ca" not found')],
    }),
    10,
    /^pod blog-2-x: FailedMount: .*secret "ca" not found$/,
  ],
  [
    "a volume that nobody provides",
    seen(
      [
        {
          ...pod({}),
          spec: { containers: [], volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] },
        },
      ],
      {
        claims: [
          {
            metadata: { name: "data", uid: "claim" },
            spec: { storageClassName: "gone" },
            status: { phase: "Pending" },
          },
        ],
        events: [event("claim", "ProvisioningFailed", 'storageclass "gone" not found')],
      },
    ),
    15,
    /^volume claim data of the storage class gone is pending, ProvisioningFailed: /,
  ],
])("59: %s is said in its own words, as soon as it is final", (_, what, afterSeconds, words) => {
  const verdict = verdictOn(what);
  expect(verdict?.[1]).toMatch(words);
  expect(verdict?.[0]).toBe(afterSeconds);
});

test.each<[string, Seen]>([
  [
    "a readiness that takes its time",
    seen([pod({ containerStatuses: [container({ state: { running: {} } })] })]),
  ],
  ["a pod being made", seen([waiting("ContainerCreating"), waiting("PodInitializing")])],
  [
    "a pod of the revision before, on its way out",
    seen([
      {
        ...waiting("ErrImagePull", "not found"),
        ...{ metadata: { name: "o", ownerReferences: owned("old") } },
      },
    ]),
  ],
  [
    "a pod that is being deleted",
    seen([
      {
        ...waiting("InvalidImageName"),
        metadata: { name: "d", ownerReferences: owned("new"), deletionTimestamp: at(0) },
      },
    ]),
  ],
  [
    "an order that nobody has looked at yet",
    {
      ...seen([waiting("InvalidImageName")]),
      deployments: [
        {
          metadata: { uid: "blog", name: "blog", generation: 3, annotations: revision("2") },
          status: { observedGeneration: 2 },
        },
      ],
    },
  ],
  [
    "a volume that was mounted since, while its image is pulled",
    seen([waiting("ContainerCreating")], {
      events: [
        event("pod", "FailedMount", 'secret "ca" not found'),
        event("pod", "Pulling", "Pulling image"),
      ],
    }),
  ],
  [
    "an event of a quota that has been met since",
    seen([], { events: [event("new", "FailedCreate", "exceeded quota: small")] }),
  ],
  [
    "one crash, and those from before",
    seen([
      waiting("CrashLoopBackOff", "", {
        restartCount: 9,
        lastState: { terminated: { exitCode: 1, finishedAt: at(5) } },
      }),
    ]),
  ],
  [
    "a failed Job that no pod waits for",
    seen([waiting("ContainerCreating")], {
      jobs: [
        {
          metadata: { name: "m", labels: { ...instance, "app.kubernetes.io/component": "migration" } },
          status: { conditions: [{ type: "Failed", status: "True" }] },
        },
      ],
    }),
  ],
])("%s is no reason to give up", (_, what) => {
  expect(verdictOn(what)).toBeUndefined();
});

test("what goes away in between begins anew", () => {
  const { lostTo } = hope(began);
  const fault = { key: "pull", text: "cannot be pulled", final: { afterMs: 3 * second } };
  expect([0, 2, 4].map((now) => lostTo(now === 2 ? [] : [fault], began + now * second))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(lostTo([fault], began + 7 * second)).toBe(fault);
});

test("a second crash is final, with the container's last words, and what killed it", () => {
  const { lostTo } = hope(began);
  const crashed = (seconds: number, terminated: object) => {
    const what = seen([
      waiting("CrashLoopBackOff", "back-off", {
        lastState: { terminated: { exitCode: 1, finishedAt: at(seconds), ...terminated } },
      }),
    ]);
    return lostTo(judge(what, { deployment: "blog" }, patience).faults, began + seconds * second)?.text;
  };
  // Those from before the wait may have had a reason that somebody has repaired since.
  for (const seconds of [-60, -30, 1, 1]) expect(crashed(seconds, {})).toBeUndefined();
  expect(
    crashed(13, { message: 'listening\nError: no such role "x"\n    at a.js:1\n\nNode.js v24.1.0\n' }),
  ).toBe(
    'pod blog-2-x, container blog: ended with exit code 1 and is started again and again: Error: no such role "x"',
  );
  expect(crashed(34, { exitCode: 137, reason: "OOMKilled" })).toBe(
    "pod blog-2-x, container blog: was killed for its memory (OOMKilled, limit 12Mi) and is started again and again",
  );
});

test("a migration that failed ends the wait once a gate has said so by its own end", () => {
  const gate = container({ name: "gate", state: { terminated: { exitCode: 1, message: "has Failed" } } });
  const message = "Pod failed with exit code 20";
  const job = {
    metadata: { name: "blog-migrate-1", labels: { ...instance, "app.kubernetes.io/component": "migration" } },
    status: { conditions: [{ type: "Failed", status: "True", message }] },
  };
  expect(verdictOn(seen([pod({ initContainerStatuses: [gate] })], { jobs: [job] }))).toEqual([
    0,
    `blog-migrate-1: ${message}`,
  ]);
});

test("of what was printed last, the line that says most", () => {
  expect(
    lastLine(
      '{"level":30,"message":"starting"}\n{"level":60,"message":"No such role.","next":"Run bootstrap."}\n',
    ),
  ).toBe("No such role. Run bootstrap.");
  expect(
    lastLine(
      "Error: no database\n    at main (file.js:1:2) {\n  code: 'ECONNREFUSED',\n}\n\nNode.js v24.21.0",
    ),
  ).toBe("Error: no database");
  expect(lastLine("\n\n")).toBe("");
});
