import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** Flags by which Helm waits, and takes back what it did: what they do to our Jobs, under load. */
const helms = [
  { tool: "helm", takeBack: ["--rollback-on-failure"] },
  { tool: "helm3", takeBack: ["--atomic"] },
] as const;

describe.each(helms)("$tool", ({ tool, takeBack }) => {
  let blog: Blog;
  beforeAll(async () => {
    blog = await installBlog(`modes-${tool}`, "v2", { helm: tool });
  });
  afterAll(() => blog?.remove());

  const versions = async () =>
    (await blog.webPods()).map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/version"]);
  const jobs = async () => (await blog.jobs()).map(({ metadata }) => metadata?.name).sort();
  /** Whether the slow migration is at its statement. */
  const migrating = () =>
    blog.query(
      "SELECT 1 AS yes FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
    );
  const applied = () =>
    blog.query("SELECT 1 AS yes FROM migrations WHERE name = 'IndexPostsByUpdate1769000000000'");

  test(`41: ${takeBack[0]} deletes the Job in the middle of a migration: nobody notices, nothing is left`, async () => {
    const before = await jobs();
    const summary = await blog.load("v2", "v2", async (proof) => {
      await proof.steady(3_000);
      const takenBack = expect(
        // Less than the 25 s the migration sleeps and the second or two before; long enough that it has begun to.
        blog.deploy("slow", ...takeBack, "--wait", "--timeout", "26s"),
      ).rejects.toThrow(/timed out|context deadline exceeded|not ready/i);
      await expect.poll(migrating, { timeout: 25_000, interval: 250 }).toEqual([{ yes: 1 }]);
      await takenBack;
      await blog.settled();
    });
    expect(summary.reasons).toEqual([]);
    expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
    expect(await versions()).toEqual(["v2", "v2", "v2"]);
    expect(await applied()).toEqual([]);
    expect(await migrating()).toEqual([]);
    expect(await jobs()).toEqual(before);
    expect(await blog.query("SELECT indexrelid FROM pg_index WHERE NOT indisvalid")).toEqual([]);
  });

  test("35: a migration longer than Helm's timeout: Helm says failed, the rollout finishes all the same", async () => {
    const summary = await blog.load("v2", "slow", async (proof) => {
      await proof.steady(3_000);
      await proof.upgrade(
        () =>
          expect(blog.deploy("slow", "--wait", "--timeout", "15s")).rejects.toThrow(
            /timed out|context deadline exceeded|not ready/i,
          ),
        () => {},
      );
    });
    expect(summary.reasons).toEqual([]);
    expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0 });
    expect(await versions()).toEqual(["slow", "slow", "slow"]);
    expect(await applied()).toEqual([{ yes: 1 }]);
  });

  test("--wait and --wait-for-jobs end well once Job and rollout have", async () => {
    await blog.deploy("slow", "--wait", "--wait-for-jobs", "--timeout", "3m", "--set", "logLevel=warn");
    expect(await versions()).toEqual(["slow", "slow", "slow"]);
  });
});
