import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("helm3", "v1", { helm: "helm3", database: "own" });
});
afterAll(() => blog?.remove());

const served = async () => (await fetch(`${blog.url}/api/version`)).json();
/** A kept-alive connection may lead to an old pod until that one has drained, which takes seconds. */
const servedInTheEnd = () => expect.poll(served, { timeout: 30_000, interval: 500 });

test("Helm 3 tells whether a database is there", async () => {
  expect(await blog.databaseStatus()).toBe("deployed");
  expect(await blog.databaseStatus("e2e-nowhere")).toBeUndefined();
});

test("Helm 3 installs, upgrades and rolls back", async () => {
  expect(await served()).toMatchObject({ version: "v1" });
  await blog.deploy("v2");
  await blog.settled();
  await servedInTheEnd().toMatchObject({ version: "v2" });
  await blog.rollback(1);
  await blog.settled();
  await servedInTheEnd().toMatchObject({ version: "v1" });
  // The rollback made v1's Job anew; it finds a newer database and has nothing to do.
  const [job] = await blog.finishedJobs();
  expect(job?.status?.conditions).toContainEqual(
    expect.objectContaining({ type: "Complete", status: "True" }),
  );
});
