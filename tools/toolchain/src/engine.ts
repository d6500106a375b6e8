import { access, mkdir } from "node:fs/promises";
import { execa } from "execa";
import { installPackages, mayInstall } from "./apt.ts";
import { containersConf } from "./containers-conf.ts";
import { ToolchainError } from "./failure.mjs";

export type EngineKind = "docker" | "podman";

export interface Engine {
  kind: EngineKind;
  path: string;
  /** To be put over the environment of the engine and of kind; undefined takes a variable away. */
  env: Record<string, string | undefined>;
  /** What led to this one of several of its kind: a context, a socket. Give it to `reachEngine` later on. */
  address?: Address;
}

/** Variables that say which daemon an engine's client talks to. */
export type Address = Record<string, string>;

const addressVariables: Record<EngineKind, readonly string[]> = {
  docker: ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"],
  podman: ["CONTAINER_HOST", "CONTAINER_CONNECTION"],
};

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
 * podman freshly installed where we are root on Debian or Ubuntu. `KIND_EXPERIMENTAL_PROVIDER`, where it names one of the
 * two, decides.
 */
export async function resolveEngine(options: { onProgress?: (text: string) => void } = {}): Promise<Engine> {
  const present = await findEngine();
  if (present) return present;
  const chosen = chosenEngine();
  if (chosen)
    throw new ToolchainError(
      `KIND_EXPERIMENTAL_PROVIDER=${chosen}, but ${chosen} does not answer: ${await whyNot(chosen)}. Start it, or unset the variable.`,
    );
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
  const chosen = chosenEngine();
  for (const kind of chosen ? [chosen] : engineKinds) {
    const engine = await reachEngine(kind);
    if (engine) return engine;
  }
  return undefined;
}

/** In the order they are asked. */
export const engineKinds: readonly EngineKind[] = ["docker", "podman"];

/** kind's own variable. Another of its values than these two means nothing here. */
const chosenEngine = (): EngineKind | undefined =>
  engineKinds.find((kind) => kind === process.env.KIND_EXPERIMENTAL_PROVIDER);

/**
 * One engine, if it answers, whichever is the first in line. With an address it is the one that was there before, whatever
 * the environment says now.
 */
export async function reachEngine(kind: EngineKind, address?: Address): Promise<Engine | undefined> {
  const path = (await execa("sh", ["-c", `command -v ${kind}`], { reject: false })).stdout;
  if (!path) return undefined;
  if (kind === "podman") await provideModulesFolder();
  const env = {
    // Said to kind each time: what it would find out by itself, or be told by its user, may be the other one.
    KIND_EXPERIMENTAL_PROVIDER: kind,
    ...(kind === "podman" && (await containersConf())),
    ...(address && only(kind, address)),
  };
  // Where it holds something of ours it is given longer, on a busy machine for one: the next in line is no help then.
  const timeout = address ? 45_000 : 15_000;
  const info = await execa(path, ["info"], { env, reject: false, timeout, stdin: "ignore" });
  if (info.exitCode !== 0) return undefined;
  return { kind, path, env, address: address ?? currentAddress(kind, info.stdout) };
}

/** The address alone: a variable that it has not is taken out of the environment. */
const only = (kind: EngineKind, address: Address) =>
  Object.fromEntries(addressVariables[kind].map((name) => [name, address[name]]));

/** What the environment says; without it, the context that docker's own settings chose. */
function currentAddress(kind: EngineKind, info: string): Address {
  const given = addressVariables[kind].flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value] as const] : [];
  });
  const context = kind === "docker" ? /^ Context:\s+(\S+)$/m.exec(info)?.[1] : undefined;
  return given.length > 0 ? Object.fromEntries(given) : context ? { DOCKER_CONTEXT: context } : {};
}

async function whyNot(name: EngineKind): Promise<string> {
  const { stderr, message } = await execa(name, ["info"], {
    env: name === "podman" ? await containersConf() : {},
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
