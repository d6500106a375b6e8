import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** Fault 40: v4 is deployed while v3's contract is pending, because nobody applied it or because v3 was left out. */
const contract = "RequireCategory1770000000002";
const index = "IndexCategoriesByName1780000000000";
const soon = { timeout: 60_000, interval: 1_000 };

const versions = async (blog: Blog) =>
  (await blog.webPods()).map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/version"]);
/** In the order in which they were applied, after those of v2. */
const appliedAfterV2 = async (blog: Blog) =>
  (await blog.query('SELECT name FROM migrations WHERE "timestamp" > 1760000000002 ORDER BY id')).map(
    ({ name }) => name,
  );
const floor = (blog: Blog) => blog.query("SELECT floor, contract, state FROM migrations_floor");
const isRequired = async (blog: Blog) => {
  const [column] = await blog.query(
    "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'posts'::regclass AND attname = 'category_id'",
  );
  return column?.attnotnull;
};
const isIndexed = async (blog: Blog) => {
  const [found] = await blog.query(
    "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('categories_name_idx')",
  );
  return found?.indisvalid;
};

describe("v3 → v4, with v3's backfill and contract pending", () => {
  const leaveItPending = ["--set", "contract.enabled=false"];
  let blog: Blog;
  beforeAll(async () => {
    blog = await installBlog("pending", "v2");
    await blog.query("INSERT INTO posts (title, body) SELECT 'Unfiled', n FROM generate_series(1, 500) n");
    await blog.deploy("v3", ...leaveItPending);
    await blog.settled();
  });
  afterAll(() => blog?.remove());

  test("40: v4's own Job applies them first, then its migration, and nobody notices", async () => {
    // A v2 that still drains would keep the gate closed.
    await expect
      .poll(
        () =>
          blog.query(
            `SELECT DISTINCT application_name FROM pg_stat_activity
              WHERE datname = current_database() AND application_name LIKE 'blog@%'`,
          ),
        soon,
      )
      .toEqual([{ application_name: "blog@1770000000002" }]);
    expect(await appliedAfterV2(blog)).toEqual(["AddGeneralCategory1770000000000"]);
    expect(await floor(blog)).toEqual([]);
    expect(await isRequired(blog)).toBe(false);

    const summary = await blog.brieflyUnderLoad("v3", "v4", ...leaveItPending);

    expect(summary.reasons).toEqual([]);
    expect(summary).toMatchObject({ verdict: "passed", failed: 0, lostWrites: 0, alteredWrites: 0 });
    expect(await versions(blog)).toEqual(["v4", "v4", "v4"]);
    // There was no contract Job that could have done it.
    const jobs = await blog.jobs();
    expect(jobs.map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"])).toEqual([
      "migration",
    ]);
    expect(await blog.jobAttempts(jobs[0]?.metadata?.name ?? "")).toEqual([0]);
    expect(await appliedAfterV2(blog)).toEqual([
      "AddGeneralCategory1770000000000",
      "CategorisePosts1770000000001",
      contract,
      index,
    ]);
    expect(await floor(blog)).toEqual([{ floor: "1770000000002", contract, state: "final" }]);
    expect(await isRequired(blog)).toBe(true);
    expect(await isIndexed(blog)).toBe(true);
  });
});

describe("v2 → v4, with v3 left out", () => {
  let blog: Blog;
  beforeAll(async () => {
    blog = await installBlog("skipped", "v2");
  });
  afterAll(() => blog?.remove());

  test("40: it is refused at once, naming the release to deploy first, and v2 serves on", async () => {
    const summary = await blog.brieflyUnderLoad("v2", "v4", "--set", "rbac.diagnostics=true");

    const [reason, ...others] = summary.reasons;
    expect(others).toEqual([]);
    expect(reason).toMatch(/^The migration failed: /);
    expect(reason).toContain(
      `${index} comes after the contract step ${contract}, which cannot run while a release below 1770000000002 is alive: blog@1760000000002 (user blog_app, `,
    );
    expect(reason).toContain(
      `A release was skipped. Deploy the release of level 1770000000002 (its last migration is ${contract}) first; once nothing older is alive, deploy this one`,
    );
    expect(summary).toMatchObject({ verdict: "failed", failed: 0, lostWrites: 0 });
    expect(Object.keys(summary.servedBy)).toEqual(["v2"]);
    // Not even v3's expand step: nothing was touched.
    expect(await appliedAfterV2(blog)).toEqual([]);
    expect(await floor(blog)).toEqual([]);
  });

  test("40: the Job has failed for good, and the new pods repeat what it said", async () => {
    await expect
      .poll(() => blog.refusals(), soon)
      .toContainEqual({
        version: "v4",
        exitCode: 1,
        message: expect.stringMatching(
          /has Failed: PodFailurePolicy.*Deploy the release of level 1770000000002/s,
        ),
      });
    const job = (await blog.jobs()).find(
      ({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] === "migration",
    );
    expect(job?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Failed", status: "True", reason: "PodFailurePolicy" }),
    );
    expect(await blog.jobAttempts(job?.metadata?.name ?? "")).toEqual([22]);
  });

  test("40: v3 first, as it said, and then v4: both under load", async () => {
    const first = await blog.load("v2", "v3", async (proof) => {
      await proof.steady(4_000);
      await proof.upgrade(() => blog.deploy("v3"), console.log);
      await proof.contract(console.log);
    });
    expect(first.reasons).toEqual([]);
    expect(await floor(blog)).toEqual([{ floor: "1770000000002", contract, state: "final" }]);

    const second = await blog.brieflyUnderLoad("v3", "v4");

    expect(second.reasons).toEqual([]);
    for (const summary of [first, second]) expect(summary).toMatchObject({ failed: 0, lostWrites: 0 });
    expect(await versions(blog)).toEqual(["v4", "v4", "v4"]);
    expect(await isIndexed(blog)).toBe(true);
    // v4's contract Job has found nothing left to do.
    expect(await blog.finishedJobs()).toHaveLength(2);
  });
});
