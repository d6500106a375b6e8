import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { findEngine, reachEngine, resolveEngine } from "../src/engine.ts";
import { executable, temporaryFolder } from "./temporary.ts";

/** Engines that say what they are told by the environment; `docker` answers only where its daemon is said to be. */
async function engines(docker: string, podman = "exit 0") {
  const folder = await temporaryFolder();
  await executable(join(folder, "docker"), docker);
  await executable(join(folder, "podman"), podman);
  vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
  vi.stubEnv("XDG_CACHE_HOME", folder);
  for (const name of ["DOCKER_HOST", "DOCKER_CONTEXT", "KIND_EXPERIMENTAL_PROVIDER"])
    vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test("kind is told the engine each time, also where its user has named the other", async () => {
  await engines("exit 0");
  vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "nerdctl");
  expect(await findEngine()).toMatchObject({ kind: "docker", env: { KIND_EXPERIMENTAL_PROVIDER: "docker" } });
});

test("KIND_EXPERIMENTAL_PROVIDER decides, and an engine of that name that does not answer is not replaced", async () => {
  await engines("exit 0", "exit 0");
  vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "podman");
  expect(await findEngine()).toMatchObject({ kind: "podman" });
  await engines("echo is the daemon running? >&2; exit 1");
  vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "docker");
  expect(await findEngine()).toBeUndefined();
  await expect(resolveEngine()).rejects.toThrow(
    "KIND_EXPERIMENTAL_PROVIDER=docker, but docker does not answer: is the daemon running?",
  );
});

test("an engine that was there before is reached by its address, whatever the environment and its settings say now", async () => {
  await engines('[ "$DOCKER_HOST" = unix:///run/old.sock ] && [ -z "$DOCKER_CONTEXT" ]');
  vi.stubEnv("DOCKER_HOST", "unix:///run/old.sock");
  const before = await findEngine();
  expect(before).toMatchObject({ kind: "docker", address: { DOCKER_HOST: "unix:///run/old.sock" } });

  vi.stubEnv("DOCKER_HOST", undefined);
  vi.stubEnv("DOCKER_CONTEXT", "another");
  expect(await findEngine()).toMatchObject({ kind: "podman" });
  expect(await reachEngine("docker", before?.address)).toMatchObject({ kind: "docker" });
});

test("without variables the address is the context that docker's own settings chose", async () => {
  await engines('echo Client:; echo " Context:    colima"; [ "$DOCKER_HOST" = "" ]');
  const engine = await findEngine();
  expect(engine?.address).toEqual({ DOCKER_CONTEXT: "colima" });
  vi.stubEnv("DOCKER_HOST", "tcp://elsewhere");
  expect(await reachEngine("docker", engine?.address)).toMatchObject({
    env: { DOCKER_CONTEXT: "colima", DOCKER_HOST: undefined },
  });
});
