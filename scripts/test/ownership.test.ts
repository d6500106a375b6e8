import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claim, claimedClusters, claimFile, claimsTo, claimTo, disown } from "../lib/cluster/ownership.ts";

const podman = { kind: "podman", address: {} } as const;
const docker = { kind: "docker", address: { DOCKER_CONTEXT: "default" } } as const;

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "ownership-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

test("a cluster is ours from the claim to its removal, and remembered with its engine", async () => {
  expect(await claimTo("ours")).toBeUndefined();
  expect(await claimedClusters()).toEqual([]);
  await claim("ours", podman, [8080, 8081, 8082]);
  const claimed = await claimTo("ours");
  expect(claimed).toMatchObject({ engine: podman, ports: [8080, 8081, 8082] });
  expect(await claimedClusters()).toEqual(["ours"]);
  if (claimed) await disown("ours", claimed);
  expect(await claimTo("ours")).toBeUndefined();
  expect(await readdir(join(cache, "schema-rollout/clusters"))).toEqual([]);
});

test("whoever removes a cluster does not give up the claim to the next one of its name", async () => {
  await claim("ours", podman, []);
  const first = await claimTo("ours");
  // Another run finds it gone and makes a new one, before the first has noted that the old one is removed.
  await claim("ours", podman, []);
  if (first) await disown("ours", first);
  expect(await claimTo("ours")).toBeDefined();
});

test("two engines may each hold one of the name, and are given up one by one", async () => {
  await claim("ours", podman, [8080]);
  await claim("ours", docker, [9080]);
  expect(await claimTo("ours", "podman")).toMatchObject({ ports: [8080] });
  const second = await claimTo("ours", "docker");
  if (second) await disown("ours", second);
  expect((await claimsTo("ours")).map(({ engine }) => engine?.kind)).toEqual(["podman"]);
});

test.each([
  ["of an earlier version", "4c1d1a1e-7c5b-4a5e-9a51-0d8a7f6f0f6e"],
  ["that was cut off", '{ "claims": [{ "id": "1", "engine"'],
  ["of a later version", '{ "claims": [{ "id": "1", "engine": { "kind": "nerdctl" } }] }'],
  ["that is empty", ""],
])("a note %s still says that the cluster is ours, of an engine that is not known", async (_, text) => {
  await mkdir(join(cache, "schema-rollout/clusters"), { recursive: true });
  await writeFile(claimFile("ours"), text);
  const claimed = await claimTo("ours", "docker");
  expect(claimed).toEqual({ id: text });
  if (claimed) await disown("ours", claimed);
  expect(await claimsTo("ours")).toEqual([]);
});
