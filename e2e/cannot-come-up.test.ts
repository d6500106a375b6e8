import { apply } from "@schema-rollout/scripts/lib/cluster/access.ts";
import { runMigrator } from "@schema-rollout/scripts/lib/install/migrator-job.ts";
import { freshNamespace, leaveNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { waitForService } from "@schema-rollout/scripts/lib/install/ready.ts";
import { secret } from "@schema-rollout/scripts/lib/install/secrets.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchForFailure } from "./scenario/evidence.ts";
import { restricted } from "./scenario/gate-pod.ts";
import { laneOn } from "./scenario/lane.ts";
import { theStage } from "./scenario/stage.ts";

const namespace = "e2e-cannot-come-up";

beforeAll(async () => {
  const { cluster } = await theStage();
  await freshNamespace(cluster, namespace, laneOn(cluster).labels);
  watchForFailure(cluster, namespace);
});
afterAll(async () => leaveNamespace((await theStage()).cluster, namespace));

let longest = 0;

/** A Deployment of one pod, and what becomes of waiting for it. */
async function deployed(name: string, container: object, pod: object = {}): Promise<string> {
  const { cluster, images } = await theStage();
  const labels = { app: name };
  await apply(cluster, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          containers: [{ name, image: images.waitForJob, securityContext: restricted, ...container }],
          ...pod,
        },
      },
    },
  });
  const url = "http://127.0.0.1:9";
  const startedAt = Date.now();
  const said = await waitForService(
    cluster,
    namespace,
    { name: "It", deployment: name, url, ready: "/" },
    () => {},
  ).then(
    () => "it came up",
    ({ message }: Error) => message,
  );
  longest = Math.max(longest, (Date.now() - startedAt) / 1_000);
  return said;
}

/** What a Job of the migrator says that fails for good: its own summary, and after one attempt. */
async function failedJob(): Promise<string> {
  const { cluster, images } = await theStage();
  await apply(
    cluster,
    secret(namespace, "blog-app-database", { DATABASE_URL: "postgres://nobody:x@127.0.0.1:9/none" }),
  );
  const run = { name: "job", component: "job", secret: "blog-app-database", purpose: "do it" } as const;
  const args = ["run", "nobody-wrote-it"];
  return runMigrator(cluster, namespace, { ...run, image: images.migrator, args }).then(
    () => "it came to a good end",
    ({ message }: Error) => message,
  );
}

const secretEnv = { name: "URL", valueFrom: { secretKeyRef: { name: "nobody-made-it", key: "url" } } };

test("59: what cannot come up says so at once, in the words of the pod, or of what does not make it", async () => {
  const { cluster, images } = await theStage();
  await apply(cluster, {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "small", namespace },
    spec: { hard: { "requests.nvidia.com/gpu": "0" } },
  });
  const gpu = { resources: { requests: { "nvidia.com/gpu": "1" }, limits: { "nvidia.com/gpu": "1" } } };
  const volume = { volumes: [{ name: "ca", secret: { secretName: "nobody-made-it" } }] };
  const never = { name: "before", image: images.waitForJob, securityContext: restricted, args: ["--what"] };
  expect(
    await Promise.all([
      deployed("image", { image: "localhost/schema-rollout/nobody-built-it:1" }),
      deployed("name", { image: "localhost/Not_A_Name:1" }),
      deployed("secret", { env: [secretEnv] }),
      deployed("volume", { volumeMounts: [{ name: "ca", mountPath: "/ca" }] }, volume),
      deployed("node", {}, { nodeSelector: { "kubernetes.io/hostname": "nobody-has-it" } }),
      deployed("quota", gpu),
      deployed("program", { command: ["/nobody/has/it"] }),
      deployed("crash", { args: ["--what"], readinessProbe: { tcpSocket: { port: 9 } } }),
      deployed("gate", {}, { initContainers: [never] }),
      failedJob(),
    ]),
  ).toEqual([
    expect.stringMatching(
      /cannot become ready: pod image-\S+, container image: the image \S+nobody-built-it:1 cannot be pulled, (ErrImagePull|ImagePullBackOff): /,
    ),
    expect.stringMatching(
      /pod name-\S+, container name: "localhost\/Not_A_Name:1" is no name of an image, InvalidImageName/,
    ),
    expect.stringMatching(/CreateContainerConfigError: secret "nobody-made-it" not found/),
    expect.stringMatching(/pod volume-\S+: FailedMount: .*secret "nobody-made-it" not found/),
    expect.stringMatching(
      /pod node-\S+: no node takes it, Unschedulable: 0\/1 nodes are available: .*affinity\/selector/,
    ),
    expect.stringMatching(
      /ReplicaSet quota-\S+: its pods are not made, FailedCreate: .*exceeded quota: small/,
    ),
    expect.stringMatching(/pod program-\S+, container program: .*\/nobody\/has\/it/),
    expect.stringMatching(
      /pod crash-\S+, container crash: ended with exit code 2 and is started again and again: .*--what/,
    ),
    expect.stringMatching(
      /pod gate-\S+, init container before: ended with exit code 2 and is started again and again: .*--what/,
    ),
    expect.stringMatching(
      /^The migrator could not do it: the Job job failed: There is no command nobody-wrote-it in /,
    ),
  ]);
  // As soon as it is known, and not after the three minutes that an install may take.
  expect(longest).toBeLessThan(120);
});
