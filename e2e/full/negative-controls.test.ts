import { readFile, rename, truncate, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { split } from "@schema-rollout/scripts/lib/load/rates.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** Each thing the verdict promises, broken on purpose on the cluster: the load must see it, and say what it saw. */
let blog: Blog;
beforeAll(async () => {
  blog = await installBlog("negative-controls", "v1");
});
afterAll(() => blog?.remove());

const quietly = () => {};
const seen = (reasons: string[]) => reasons.join("; ");

test("writes that vanish, are stored twice or are altered behind the blog's back", async () => {
  const summary = await blog.load("v1", "v1", async (proof) => {
    // Even the lightest load has written some dozens by then.
    await proof.steady(6_000);
    await blog.session(async (client) => {
      // Of posts nobody edits any more: an acknowledged edit would otherwise put one right again.
      const written = "SELECT id FROM posts WHERE title LIKE 'Load %' AND body LIKE 'Written%' ORDER BY id";
      await client.query(`DELETE FROM posts WHERE id IN (${written} LIMIT 5)`);
      await client.query(`INSERT INTO posts (title, body) SELECT title, body FROM posts
                           WHERE id IN (${written} OFFSET 10 LIMIT 5)`);
      await client.query(`UPDATE posts SET body = 'Altered' WHERE id IN (${written} OFFSET 20 LIMIT 5)`);
    });
    await sleep(1_000);
  });
  expect(summary.verdict).toBe("failed");
  expect(summary.lostWrites).toBeGreaterThan(0);
  expect(summary.duplicatedWrites).toBeGreaterThan(0);
  expect(summary.alteredWrites).toBeGreaterThan(0);
  expect(seen(summary.reasons)).toMatch(/were lost.*stored twice.*read back altered/);
});

test("nobody answers for seconds: requests that could not be sent, and the stall", async () => {
  const summary = await blog.load("v1", "v1", async (proof) => {
    await proof.steady(3_000);
    await blog.session(async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE");
      await sleep(8_000);
      await client.query("ROLLBACK");
    });
  });
  expect(summary.droppedIterations).toBeGreaterThan(0);
  expect(summary.longestStallMs).toBeGreaterThan(1_000);
  expect(seen(summary.reasons)).toMatch(/requests failed.*the load dropped.*nothing was answered for/);
});

test("pods that end without serving on: requests fail, and watched connections break", async () => {
  // What the chart gives a pod by default, taken away: it ends while the cluster still sends it requests.
  await blog.deploy(
    "v1",
    "--set",
    "rollout.preStopSeconds=1,rollout.drainSeconds=0,rollout.shutdownSeconds=1",
  );
  await blog.settled();
  const summary = await blog.load("v1", "v1", async (proof) => {
    await proof.steady(3_000);
    await blog.session(async (client) => {
      // Whoever asks waits for its answer, so the pods end with requests on every connection, not by luck on one of them.
      await client.query("BEGIN");
      await client.query("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE");
      await sleep(1_000);
      const web = ["-l", "app.kubernetes.io/component=web"];
      await blog.kubectl("delete", "pods", ...web, "--grace-period=0", "--force");
      await sleep(2_000);
      await client.query("ROLLBACK");
    });
    await blog.settled();
  });
  expect(seen(summary.reasons)).toMatch(/requests failed.*of the connections watched/);
  const { cut, unanswered, resetIdle } = summary.connections;
  expect(cut + unanswered + resetIdle).toBeGreaterThan(0);
});

test("too few requests, and some of them that nobody judged", async () => {
  const summary = await blog.load(
    "v1",
    "v1",
    async (proof) => {
      await proof.steady(3_000);
      // As a disk that was full for a while loses them; k6 goes on after the last whole line.
      for (const file of proof.rawFiles) {
        const lines = await readFile(file, "utf8");
        await truncate(file, lines.lastIndexOf("\n", lines.length / 2) + 1);
      }
    },
    { rates: split(80), leastRequests: 0 },
  );
  expect(summary.failed).toBe(0);
  expect(seen(summary.reasons)).toMatch(/only \d+ requests were made, 2000 are needed/);
  expect(seen(summary.reasons)).toMatch(/only \d+ requests\/s arrived, of 80 that were to/);
  expect(seen(summary.reasons)).toMatch(/k6 counted \d+ requests, the raw output holds \d+,/);
});

test("a new release that never comes, and one whose pods take their time", async () => {
  await blog.deploy("v1");
  await blog.settled();
  // The pods of the tests before do not serve on when they end: their end is not to be blamed on this one.
  const web = ["get", "pods", "-l", "app.kubernetes.io/component=web", "-o", "name"];
  await expect
    .poll(async () => (await blog.kubectl(...web)).stdout.trim().split("\n").length, { timeout: 60_000 })
    .toBe(3);
  const never = await blog.load("v1", "v2", (proof) => proof.steady(1_000));
  expect(never.reasons).toEqual(["v2 never served"]);

  const late = await blog.underLoad("v1", "v2", () =>
    blog.deploy("v2", "--set-json", `extraEnv=${JSON.stringify([startingFor(15)])}`),
  );
  expect(seen(late.reasons)).toMatch(/the rollout took [\d.]+ s, over 1\.5 times the plain restart's/);
});

test("a load that is over before the change is, and one of its two kinds of connection that never was", async () => {
  // Instead of the pods that take their time: what fails here is not to be blamed on them.
  await blog.deploy("v2");
  await blog.settled();
  const summary = await blog.load(
    "v2",
    "v3",
    async (proof) => {
      await proof.steady(1_000);
      const [reused = "", opened = ""] = proof.rawFiles;
      const lines = await readFile(reused, "utf8");
      await writeInstead(reused, lines.slice(0, lines.lastIndexOf("\n") + 1));
      await writeInstead(opened, "");
      await proof.upgrade(() => blog.deploy("v3"), quietly);
      await proof.contract(quietly);
    },
    { rates: split(80), leastRequests: 0 },
  );
  expect(summary.failed).toBe(0);
  expect(summary.reasons).toContain("no request used new connections");
  expect(summary.reasons).toContain("the load ended before the last old pod was gone");
  expect(summary.reasons).toContain(
    "the load ended before the contract Job did, so nothing was proven about it",
  );
});

/** So many seconds more before the blog's own code begins, on any machine: each of the three pods waits for the one before. */
const startingFor = (seconds: number) => ({
  name: "NODE_OPTIONS",
  value: `--import=data:text/javascript,await%20new%20Promise(go=>setTimeout(go,${seconds * 1_000}))`,
});

/** What k6 still prints goes to the file that was there, which nobody reads any more. */
async function writeInstead(file: string, text: string): Promise<void> {
  await writeFile(`${file}.instead`, text);
  await rename(`${file}.instead`, file);
}
