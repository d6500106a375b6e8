import { mkdir, readdir, symlink } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { entryDir } from "../src/cache.mjs";
import { judgeDisk } from "../src/disk-space.ts";
import { doctor } from "../src/doctor.ts";
import { readPins } from "../src/pins.ts";
import { entryOf } from "../src/resolve.ts";
import { temporaryFolder } from "./temporary.ts";

/** A PATH with a shell and nothing else: no Go, no engine, no tools. */
async function bareMachine() {
  const folder = await temporaryFolder();
  await symlink("/bin/sh", join(folder, "sh"));
  vi.stubEnv("PATH", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
}

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test("says where each thing will come from and installs nothing", async () => {
  const root = await temporaryFolder();
  const port = await takenPort();

  const findings = await doctor({ root, ports: [port] });
  const of = (what: string) => findings.find((finding) => finding.what === what);
  expect(of("node")).toMatchObject({ state: "ready" });
  expect(of(`port ${port}`)).toEqual({
    what: `port ${port}`,
    state: "missing",
    detail: "in use on 127.0.0.1",
  });
  for (const tool of ["kind 0.33.0", "kubectl 1.37.2", "helm 4.3.1", "helm3 3.22.0", "k6 1.8.1"])
    expect(of(tool)?.detail).toMatch(/ at \/|official release, checked against/);
  expect(of("cache")?.detail).toBe(`0.0 GiB in ${root}`);
  expect(await readdir(root)).toEqual([]);
});

test("without Go, Go and what only Go can build are optional", async () => {
  await bareMachine();
  const root = await temporaryFolder();
  const findings = await doctor({ root });
  const optional = findings.filter(({ state }) => state === "optional").map(({ what }) => what);
  expect(optional).toEqual(expect.arrayContaining(["go", "helm-unittest 1.1.2"]));
});

test("a port that our own cluster holds is no obstacle, another one is", async () => {
  const [ours, theirs] = [await takenPort(), await takenPort()];
  const findings = await doctor({
    root: await temporaryFolder(),
    ports: [ours, theirs],
    ownPorts: [ours],
  });
  expect(findings.filter(({ what }) => what.startsWith("port"))).toEqual([
    { what: `port ${ours}`, state: "ready", detail: "in use on 127.0.0.1, by our own cluster" },
    { what: `port ${theirs}`, state: "missing", detail: "in use on 127.0.0.1" },
  ]);
});

test("asks for the space of a first run only before it", async () => {
  const root = await temporaryFolder();
  const disk = async () => (await doctor({ root })).find(({ what }) => what === "disk space")?.detail;
  await bareMachine();
  expect(await disk()).toMatch(/a first run may use 15 GiB$/);
  for (const [name, pin] of Object.entries(readPins().tools))
    await mkdir(entryDir(await entryOf(name, pin, { root })));
  expect(await disk()).toMatch(/4 GiB are enough since the tools are there$/);
});

test.each([
  [16, false, "ready"],
  [14, false, "missing"],
  [14, true, "ready"],
  [3, true, "missing"],
])("%i GiB free, tools there: %s, is %s", (free, toolsReady, state) => {
  expect(judgeDisk(free * 2 ** 30, toolsReady).state).toBe(state);
});
