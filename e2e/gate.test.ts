import { apply, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";
import { freshNamespace, removeNamespace } from "@schema-rollout/scripts/lib/install/namespace.ts";
import { afterAll, beforeAll, test } from "vitest";
import { watchForFailure } from "./scenario/evidence.ts";
import { gateAccount, jobOf, startGate } from "./scenario/gate-pod.ts";
import { theStage } from "./scenario/stage.ts";

/** wait-for-job alone, as people use it who take only this image: no chart, no database. */
const namespace = "e2e-gate";
const account = "waits";
const jobs = ["late", "first", "second", "fails", "suspended", "no-image"];
let cluster: Cluster;
let image: string;

beforeAll(async () => {
  const stage = await theStage();
  cluster = stage.cluster;
  image = stage.images.waitForJob;
  await freshNamespace(cluster, namespace);
  watchForFailure(cluster, namespace);
  await apply(cluster, ...gateAccount(namespace, account, jobs), {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "nobody", namespace },
  });
});
afterAll(() => removeNamespace(cluster, namespace));

const gate = (name: string, args: string[], as = account) =>
  startGate(cluster, { namespace, image, name, args, account: as });
/** The same image does for the Jobs: it has Node and nothing else. */
const job = (name: string, script: string, spec?: object) =>
  jobOf(namespace, name, { image, command: ["/nodejs/bin/node", "-e", script], ...(spec && { spec }) });
const waiting = { timeout: 60_000, interval: 500 };

// Each has its own gate and Jobs, and most of what they take is waiting. `expect` is that of each test: the one of the module
// belongs to the test that ended or began last, or to none.
test.concurrent("20: a gate that starts before its Job waits for it, and opens when that is Complete", async ({
  expect,
}) => {
  const early = await gate("early", ["late"]);
  await expect.poll(() => early.log(), waiting).toContain("is absent");
  await apply(cluster, job("late", "setTimeout(() => {}, 3000)"));
  await expect.poll(() => early.log(), waiting).toContain("1 active");
  expect(await early.ended()).toBeUndefined();

  await expect.poll(() => early.ended(), waiting).toMatchObject({ exitCode: 0 });
  expect((await early.ended())?.message).toMatch(/^Open: .*late/);
});

test.concurrent("several Jobs: all must be Complete", async ({ expect }) => {
  await apply(cluster, job("first", ""), job("second", "setTimeout(() => {}, 8000)"));
  const both = await gate("both", ["first", "second"]);
  await expect.poll(() => both.log(), waiting).toMatch(/first.*Complete/);
  expect(await both.ended()).toBeUndefined();
  await expect.poll(() => both.ended(), waiting).toMatchObject({ exitCode: 0 });
});

test.concurrent("22: a Job that Failed stops the gate at once, and describe says why", async ({ expect }) => {
  await apply(cluster, job("fails", "process.exit(3)"));
  const stopped = await gate("stopped", ["fails", "--timeout", "5m"]);
  await expect.poll(() => stopped.ended(), waiting).toMatchObject({ exitCode: 1 });
  expect(await stopped.described()).toMatch(
    /Message:\s+Job e2e-gate\/fails has Failed: BackoffLimitExceeded/,
  );
});

const cannotRun = [
  { name: "suspended", known: "is suspended", spec: { suspend: true } },
  { name: "no-image", known: "is not finished: 1 active, 0 failed", from: "localhost/no/such:image" },
];

test.concurrent.for(cannotRun)(
  "23: a Job that cannot run ($name) is given up with what is known and how to see the rest",
  async ({ name, known, spec, from }, { expect }) => {
    await apply(cluster, jobOf(namespace, name, { image: from ?? image, ...(spec && { spec }) }));
    const impatient = await gate(`impatient-${name}`, [name, "--timeout", "8s"]);
    await expect.poll(() => impatient.ended(), waiting).toMatchObject({ exitCode: 3 });
    const message = (await impatient.ended())?.message;
    expect(message).toContain(`Job e2e-gate/${name} ${known}`);
    expect(message).toContain(`kubectl -n e2e-gate describe job ${name}`);
  },
);

test.concurrent("25: without the right to read the Job it ends after seconds and prints the rule that is missing", async ({
  expect,
}) => {
  const refused = await gate("refused", ["late", "--timeout", "5m"], "nobody");
  await expect.poll(() => refused.ended(), waiting).toMatchObject({ exitCode: 4 });
  expect((await refused.ended())?.message).toContain(
    'apiGroups: ["batch"], resources: ["jobs"], resourceNames: ["late"]',
  );
});

test.concurrent("the account of a gate can read its Jobs and nothing else", async ({ expect }) => {
  const can = (...question: string[]) =>
    kubectl(cluster, [
      "-n",
      namespace,
      "auth",
      "can-i",
      ...question,
      `--as=system:serviceaccount:${namespace}:${account}`,
    ]).then(
      ({ stdout }) => stdout.trim(),
      // "no" is exit code 1.
      ({ stdout }) => stdout.trim(),
    );
  expect(await can("watch", "jobs.batch/late")).toBe("yes");
  for (const question of [
    ["get", "jobs.batch/other"],
    ["list", "jobs.batch"],
    ["delete", "jobs.batch/late"],
    ["get", "secrets"],
    ["list", "pods"],
  ]) {
    expect(await can(...question), question.join(" ")).toBe("no");
  }
});
