import { setTimeout as sleep } from "node:timers/promises";
import { readRaw } from "@schema-rollout/scripts/lib/load/raw.ts";
import type { Proof } from "@schema-rollout/scripts/lib/rollout/under-load.ts";
import { createTally, type Judged, reasonsToFail, type Tally } from "@schema-rollout/scripts/soak/tally.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Blog, installBlog } from "../scenario/blog.ts";

/** What a soak holds its p99 to, broken on purpose: by a migration that locks, and by new code that does. */
let blog: Blog;
let restart: Judged;
let withoutMigration: Judged;
beforeAll(async () => {
  blog = await installBlog("p99-bounds", "v1", { schema: "v2" });
  restart = await turn("restart", "v1", "v1", (proof) => proof.restart(quietly));
  withoutMigration = await turn("upgrade without migration", "v1", "v2", upgradeTo("v2"));
});
afterAll(() => blog?.remove());

const quietly = () => {};
const upgradeTo = (release: string) => (proof: Proof) => proof.upgrade(() => blog.deploy(release), quietly);

/** One turn, as a soak makes it. Its own verdict is not what is asked here. */
async function turn(
  name: Judged["name"],
  from: string,
  to: string,
  move: (proof: Proof) => Promise<void>,
): Promise<Judged> {
  let rawFiles: string[] = [];
  const summary = await blog.load(
    from,
    to,
    async (proof) => {
      ({ rawFiles } = proof);
      await proof.steady(4_000);
      await move(proof);
    },
    { leastRequests: 0 },
  );
  return { name, summary, answers: (await readRaw(rawFiles)).answers };
}

/** The upgrade beside its like of the same run; one of each is enough for what is this far out. */
function reasonsWith(upgrade: Judged): string[] {
  const { add } = createTally();
  add(restart);
  add(withoutMigration);
  const tally: Tally = add(upgrade);
  return reasonsToFail(tally, 1);
}

test("a migration that holds a lock for seconds is seen in the p99 while it runs", async () => {
  const upgrade = await turn("upgrade", "v2", "broken-lock", upgradeTo("broken-lock"));
  expect(reasonsWith(upgrade)).toContainEqual(expect.stringMatching(/^while migrating the p99 was/));
  // With one turn of each, noise alone may pass the bound, but not this: without a lock a soak at 110/s had 1.0 s.
  expect(upgrade.summary.latency.migrating?.p99).toBeGreaterThan(3_000);
});

test("new code that locks while it starts is seen in the p99 of the rollout", async () => {
  const upgrade = await turn("upgrade", "broken-lock", "v2", (proof) => lockingPosts(upgradeTo("v2")(proof)));
  expect(reasonsWith(upgrade)).toContainEqual(expect.stringMatching(/^during the rollout the p99 was/));
  expect(upgrade.summary.latency.rollout?.p99).toBeGreaterThan(1_500);
});

/** Stands for that code: holds the posts for two of every four seconds, until the work is done. */
async function lockingPosts(work: Promise<void>): Promise<void> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  await blog.session(async (client) => {
    while (!over) {
      await client.query("BEGIN");
      await client.query("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE");
      await sleep(2_000);
      await client.query("ROLLBACK");
      await sleep(2_000);
    }
  });
  await ended;
}
