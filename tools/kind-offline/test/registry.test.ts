import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, resolveEngine, ToolchainError } from "@schema-rollout/toolchain";
import { expect, onTestFinished, test } from "vitest";
import { baseImages } from "../src/index.ts";
import { askRegistry } from "../src/registry.ts";

const digest = "sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5";
const podman = (reason: string) =>
  `Error: reading image "docker://docker.io/library/a@${digest}": reading manifest ${digest} in docker.io/library/a: ${reason}`;

/** A registry's refusals cannot be had on demand: this engine has no image and says what real ones were seen to say. */
async function engineThatSays(stderr: string): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), "schema-rollout-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "podman");
  await writeFile(path, '#!/bin/sh\n[ "$1" = manifest ] && echo "$SAYS" >&2\nexit 125\n', { mode: 0o755 });
  return { kind: "podman", path, env: { SAYS: stderr } };
}

test("a refused connection is told with its reason, by the real engine", async () => {
  expect(await askRegistry(`127.0.0.1:1/a@${digest}`, await resolveEngine())).toEqual({
    given: false,
    why: expect.stringMatching(/connection refused$/),
  });
});

test.each([
  [
    podman("toomanyrequests: You have reached your pull rate limit."),
    /You have reached your pull rate limit/,
  ],
  [podman("StatusCode: 429, slow down"), /StatusCode: 429/],
  [podman("unauthorized"), /unauthorized/],
  [podman("manifest unknown"), /manifest unknown/],
  ["denied: requested access to the resource is denied", /denied: requested access/],
])("a registry that answers and refuses ends the run, case %#", async (stderr, said) => {
  const asked = askRegistry(`docker.io/a@${digest}`, await engineThatSays(stderr));
  await expect(asked).rejects.toThrow(ToolchainError);
  await expect(asked).rejects.toThrow(said);
});

test.each([
  [podman("StatusCode: 403, Access denied"), "StatusCode: 403, Access denied"],
  [
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    "lookup registry-1.docker.io: no such host",
  ],
  ["dial unix /var/run/docker.sock: connect: permission denied", "connect: permission denied"],
  ["", "no reason given"],
])("what stands between us and the registry leads to an image made here, case %#", async (stderr, why) => {
  const answer = await askRegistry(`docker.io/a@${digest}`, await engineThatSays(stderr));
  expect(answer).toEqual({ given: false, why });
});

test("nothing is built where the registry refuses", async () => {
  const said: string[] = [];
  const engine = await engineThatSays(podman("toomanyrequests: limit reached"));
  const asked = baseImages({ engine, onProgress: (text) => said.push(text) });
  await expect(asked).rejects.toThrow(/gcr\.io answered, .*limit reached.*podman login gcr\.io/s);
  expect(said).toEqual([]);
});

test("a build starts with the reason for it", async () => {
  const engine = await engineThatSays(podman("connection reset by peer"));
  const stopAtFirstLine = (text: string) => {
    throw new Error(text);
  };
  await expect(baseImages({ engine, onProgress: stopAtFirstLine })).rejects.toThrow(
    /^the image node is made here: gcr\.io cannot be reached \(.*connection reset by peer\)$/,
  );
});
