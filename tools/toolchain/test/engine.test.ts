import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { containersConf, settings } from "../src/containers-conf.ts";
import { findEngine } from "../src/engine.ts";
import { executable, temporaryFolder } from "./temporary.ts";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

async function engines(docker: string, podman: string) {
  const folder = await temporaryFolder();
  await executable(join(folder, "docker"), docker);
  await executable(join(folder, "podman"), podman);
  process.env.PATH = `${folder}:/usr/bin:/bin`;
  process.env.XDG_CACHE_HOME = folder;
  return folder;
}

test("docker is used when its daemon answers", async () => {
  const folder = await engines("exit 0", "exit 0");
  expect(await findEngine()).toMatchObject({ kind: "docker", path: join(folder, "docker") });
});

test("a docker client without a daemon is no engine: podman is used, and kind is told", async () => {
  const folder = await engines("echo cannot connect >&2; exit 1", "exit 0");
  expect(await findEngine()).toMatchObject({
    kind: "podman",
    path: join(folder, "podman"),
    env: { KIND_EXPERIMENTAL_PROVIDER: "podman" },
  });
});

test("a podman that does not answer is none either", async () => {
  await engines("exit 1", "exit 125");
  expect(await findEngine()).toBeUndefined();
});

const usual = {
  systemd: true,
  cgroupV2: true,
  mayRaiseLimits: true,
  hardLimits: { nofile: 1048576, nproc: Number.POSITIVE_INFINITY },
};

test("a usual machine keeps podman's own settings", () => {
  expect(settings(usual)).toBeUndefined();
});

test("limits never exceed the machine's hard limits where they cannot be raised", () => {
  const machine = { ...usual, mayRaiseLimits: false, hardLimits: { nofile: 20000, nproc: 96365 } };
  expect(settings(machine)).toBe(
    '[containers]\ndefault_ulimits=["nofile=20000:20000","nproc=32768:32768"]\n',
  );
});

test("cgroups v1 need runc, and without systemd cgroups and events are podman's own work", () => {
  expect(settings({ ...usual, systemd: false, cgroupV2: false })).toBe(
    '[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n',
  );
});

test("the settings are a file in the cache folder; one that the user names is left alone", async () => {
  const root = await temporaryFolder();
  process.env.CONTAINERS_CONF = "";
  const { CONTAINERS_CONF: file } = await containersConf(root);
  if (file !== undefined) expect(await readFile(file, "utf8")).toMatch(/^\[(containers|engine)\]\n/);
  process.env.CONTAINERS_CONF = "/etc/mine.conf";
  expect(await containersConf(root)).toEqual({});
});
