import { access, mkdir } from "node:fs/promises";
import { execa } from "execa";
import { installPackages, mayInstall } from "./apt.ts";
import { containersConf } from "./containers-conf.ts";
import { ToolchainError } from "./failure.mjs";

export interface Engine {
  kind: "docker" | "podman";
  path: string;
  /** To be added to the environment of the engine and of kind. */
  env: Record<string, string>;
}

const PODMAN_PACKAGES = [
  "podman",
  "runc",
  "conmon",
  "crun",
  "iptables",
  "netavark",
  "aardvark-dns",
  "uidmap",
];

/**
 * The container engine to use: docker when its daemon answers (a client alone is none), else podman, else
 * podman freshly installed where we are root on Debian or Ubuntu.
 */
export async function resolveEngine(options: { onProgress?: (text: string) => void } = {}): Promise<Engine> {
  const present = await findEngine();
  if (present) return present;
  if (!(await mayInstall()))
    throw new ToolchainError(
      "A container engine is needed: install Docker (https://docs.docker.com/engine/install/) or podman, and make sure that `docker info` or `podman info` answers.",
    );
  await installPackages("podman", PODMAN_PACKAGES, options.onProgress);
  const installed = await findEngine();
  if (installed) return installed;
  throw new ToolchainError(`podman was installed but does not answer: ${await whyNot("podman")}`);
}

/** The engine that answers now; undefined without one. Installs nothing. */
export async function findEngine(): Promise<Engine | undefined> {
  const docker = await answering("docker");
  if (docker) return { kind: "docker", path: docker, env: {} };
  await provideModulesFolder();
  const env = { KIND_EXPERIMENTAL_PROVIDER: "podman", ...(await containersConf()) };
  const podman = await answering("podman", env);
  return podman ? { kind: "podman", path: podman, env } : undefined;
}

async function answering(name: string, env: Record<string, string> = {}): Promise<string | undefined> {
  const path = (await execa("sh", ["-c", `command -v ${name}`], { reject: false })).stdout;
  if (!path) return undefined;
  const { exitCode } = await execa(path, ["info"], { env, reject: false, timeout: 15_000, stdin: "ignore" });
  return exitCode === 0 ? path : undefined;
}

async function whyNot(name: string): Promise<string> {
  const { stderr, message } = await execa(name, ["info"], {
    env: await containersConf(),
    reject: false,
    timeout: 15_000,
  });
  return stderr?.trim().split("\n").at(-1) || message || "no reason given";
}

/** kind mounts it into its nodes and fails where it is missing, as on a machine whose kernel has no modules. */
async function provideModulesFolder(): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  await access("/lib/modules").catch(() => mkdir("/lib/modules", { recursive: true }));
}
