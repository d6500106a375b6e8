import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "./scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("failing", "v2");
});
afterAll(() => blog?.remove());

test("a migration that fails goes red with its own message, and the old release serves on", async () => {
  const summary = await blog.brieflyUnderLoad("v2", "failing", "--set", "rbac.diagnostics=true");

  expect(summary.reasons).toEqual([
    expect.stringMatching(
      /^The migration failed: IndexPostsByAuthor\d+ failed: column "author" does not exist/,
    ),
  ]);
  expect(summary).toMatchObject({ verdict: "failed", failed: 0, lostWrites: 0 });
  expect(Object.keys(summary.servedBy)).toEqual(["v2"]);
});

test("22: the new pods say why they do not start, where a person looks first, with the migrator's own words", async () => {
  await expect
    .poll(() => blog.refusals(), { timeout: 60_000, interval: 500 })
    .toContainEqual({
      version: "failing",
      exitCode: 1,
      message: expect.stringMatching(
        /has Failed: PodFailurePolicy.* See why: kubectl -n e2e-failing logs job\//,
      ),
    });
  const jobs = await blog.jobs();
  // At once, not after six retries: no other try would end otherwise.
  expect(await blog.jobAttempts(jobs[0]?.metadata?.name ?? "")).toEqual([20]);
});

test("39: once the cause is repaired, migration.attempt runs the same release again, and the gate opens", async () => {
  await blog.query("ALTER TABLE posts ADD COLUMN author text");
  await blog.deploy("failing", "--set", "migration.attempt=2");
  await blog.settled();
  const pods = await blog.webPods();
  expect(pods.map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/version"])).toEqual(
    pods.map(() => "failing"),
  );
  expect(await blog.refusals()).toEqual([]);
});
