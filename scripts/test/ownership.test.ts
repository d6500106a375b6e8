import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claim, claimTo, disown } from "../lib/cluster/ownership.ts";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "ownership-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

test("a cluster is ours from the claim to its removal", async () => {
  expect(await claimTo("ours")).toBeUndefined();
  await claim("ours");
  const claimed = await claimTo("ours");
  await disown("ours", claimed ?? "");
  expect(await claimTo("ours")).toBeUndefined();
});

test("whoever removes a cluster does not give up the claim to the next one of its name", async () => {
  await claim("ours");
  const first = await claimTo("ours");
  // Another run finds it gone and makes a new one, before the first has noted that the old one is removed.
  await claim("ours");
  await disown("ours", first ?? "");
  expect(await claimTo("ours")).toBeDefined();
});
