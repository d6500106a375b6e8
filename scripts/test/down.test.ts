import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { removeClusters } from "../lib/cluster/remove.ts";
import { holderOf } from "../lib/cluster/whereabouts.ts";
import { root } from "../lib/paths.ts";

/**
 * Engines whose clusters are files in a folder of their own, and a kind that removes one of the engine it is told:
 * what is wanted here is two engines, which hardly a machine has. The real ones: CONTRIBUTING.md.
 */
const engine = (name: string) => `
[ -e "$STATE/${name}" ] || { echo "no daemon" >&2; exit 1; }
case "$1" in
  ps) label=\${4#label=io.x-k8s.kind.cluster}; for node in $(ls "$STATE/${name}"); do
        case "$label" in ""|=$node) echo "$node-control-plane 127.0.0.1:$(cat "$STATE/${name}/$node")->30080-30082/tcp, 127.0.0.1:41233->6443/tcp";; esac; done;;
  exec) grep -qx marked "$STATE/marks/${name}/\${2%-control-plane}";;
esac`;
const kind = `
case "$1 $2" in
  "version "*) echo "kind v0.33.0 go1.26.1 linux/amd64";;
  "delete cluster") rm "$STATE/$KIND_EXPERIMENTAL_PROVIDER/$4";;
esac`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "down-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "bin"));
  for (const [name, text] of Object.entries({ docker: engine("docker"), podman: engine("podman"), kind })) {
    await writeFile(join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, "bin", name), 0o755);
  }
  await mkdir(join(folder, "state/docker"), { recursive: true });
  await mkdir(join(folder, "state/podman"));
  await mkdir(join(folder, "cache/schema-rollout/clusters"), { recursive: true });
});

const made = (engine: string, cluster: string) =>
  writeFile(join(folder, "state", engine, cluster), "8080-8082");
const noted = (cluster: string, text: string) =>
  writeFile(join(folder, "cache/schema-rollout/clusters", cluster), text);
const notedWith = (cluster: string, ...kinds: string[]) =>
  noted(
    cluster,
    JSON.stringify({
      claims: kinds.map((kind) => ({ id: kind, engine: { kind, address: {} }, ports: [8080] })),
    }),
  );
const left = async () =>
  Object.fromEntries(
    await Promise.all(
      ["docker", "podman"].map(async (name) => [name, await readdir(join(folder, "state", name))]),
    ),
  );
const notes = () => readdir(join(folder, "cache/schema-rollout/clusters"));

const environment = () => ({
  PATH: `${join(folder, "bin")}:${process.env.PATH}`,
  HOME: folder,
  STATE: join(folder, "state"),
  XDG_CACHE_HOME: join(folder, "cache"),
});

/** The whole command. */
async function run(script: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`scripts/${script}.ts`], {
    cwd: root,
    env: { ...environment(), ...env },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      said += text;
    });
  const [code] = await once(child, "close");
  return { said, code };
}

/** What it comes down to. */
async function down(cluster: string): Promise<string> {
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const lines: string[] = [];
  await removeClusters(cluster, (line) => void lines.push(line));
  return lines.join("\n");
}

test("58: a cluster of podman's is removed with podman, though docker is the first in line now", async () => {
  await made("podman", "blogs");
  await notedWith("blogs", "podman");
  await made("podman", "blogs-nodes");
  await notedWith("blogs-nodes", "podman");
  const { said, code } = await run("down", { CLUSTER: "blogs", KIND_EXPERIMENTAL_PROVIDER: "docker" });
  expect(said).toContain("Removed the cluster blogs, which was made with podman.");
  expect(await left()).toEqual({ docker: [], podman: [] });
  expect(await notes()).toEqual([]);
  expect(code).toBe(0);
});

test("one that an earlier version noted without an engine is found wherever it is", async () => {
  await made("podman", "blogs");
  await noted("blogs", "4c1d1a1e-7c5b-4a5e-9a51-0d8a7f6f0f6e");
  expect(await down("blogs")).toContain("Removed the cluster blogs");
  expect(await left()).toEqual({ docker: [], podman: [] });
});

test("where the note is lost, the cluster's own mark says that it is ours; without either it is left alone", async () => {
  await mkdir(join(folder, "state/marks/podman"), { recursive: true });
  await writeFile(join(folder, "state/marks/podman/blogs"), "marked");
  await made("podman", "blogs");
  await made("docker", "blogs");
  const said = await down("blogs");
  expect(said).toContain("Removed the cluster blogs, which was made with podman.");
  expect(said).toMatch(/The cluster blogs of docker is left: .* was not made by this project/);
  expect(await left()).toEqual({ docker: ["blogs"], podman: [] });
});

test("an engine that does not answer is named, with what to do; what others have is removed all the same", async () => {
  await rm(join(folder, "state/docker"), { recursive: true });
  await made("podman", "blogs");
  await notedWith("blogs", "docker", "podman");
  const said = await down("blogs");
  expect(said).toMatch(
    /The cluster blogs was made with docker, which does not answer, so it may be left\.\n +Start docker, then: make down CLUSTER=blogs/,
  );
  expect(said).toContain("Removed the cluster blogs, which was made with podman.");
  expect(await notes()).toEqual(["blogs"]);
});

test("clusters of ours of other names are named, and none of anybody's is touched", async () => {
  await made("docker", "blogs");
  await notedWith("blogs", "docker");
  await made("docker", "theirs");
  const said = await down("schema-rollout");
  expect(said).toMatch(/^Nothing to remove/);
  expect(said).toContain("made by us with docker: the cluster blogs. Remove it: make down CLUSTER=blogs");
  expect(said).not.toContain("theirs");
  expect(await left()).toEqual({ docker: ["blogs", "theirs"], podman: [] });
});

test("who holds a port is found by what the engines say, also where several in a row are written as one", async () => {
  await made("podman", "blogs");
  await noted("blogs", "4c1d1a1e-7c5b-4a5e-9a51-0d8a7f6f0f6e");
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const engine = expect.objectContaining({ kind: "podman" });
  expect(await holderOf(8081)).toEqual({ cluster: "blogs", engine, ours: true });
  expect(await holderOf(8083)).toBeUndefined();
});

test("make doctor shows whose they are, and which one is in the way of the engine in use", async () => {
  await made("podman", "schema-rollout");
  await notedWith("schema-rollout", "podman");
  const { said } = await run("doctor");
  expect(said).toMatch(
    /^MISSING +cluster schema-rollout +made with podman on ports 8080, but the engine in use now is docker; make down CLUSTER=schema-rollout removes it$/m,
  );
  expect(await readFile(join(folder, "state/podman/schema-rollout"), "utf8")).toBe("8080-8082");
});
