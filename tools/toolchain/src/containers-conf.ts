import { access, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, hashOf } from "./cache.mjs";

/** What decides whether podman's defaults work on this machine. */
export interface Machine {
  systemd: boolean;
  cgroupV2: boolean;
  /** May a process raise its own hard limits? */
  mayRaiseLimits: boolean;
  hardLimits: { nofile: number; nproc: number };
}

const CAP_SYS_RESOURCE = 24n;

/**
 * The settings podman needs on this machine, as the text of a containers.conf; undefined where its defaults work.
 * - Without systemd nobody answers for cgroups or the journal.
 * - crun, podman's usual runtime, refuses cgroups v1.
 * - Root without CAP_SYS_RESOURCE cannot start a container that asks for more than the hard limits it has itself,
 *   which podman's defaults do.
 */
export function settings(machine: Machine): string | undefined {
  const engine = [
    ...(machine.cgroupV2 ? [] : ['runtime="runc"']),
    ...(machine.systemd ? [] : ['cgroup_manager="cgroupfs"', 'events_logger="file"']),
  ];
  const { nofile, nproc } = machine.hardLimits;
  const limits = [`nofile=${Math.min(nofile, 1048576)}`, `nproc=${Math.min(nproc, 32768)}`].map(
    (limit) => `"${limit}:${limit.split("=")[1]}"`,
  );
  const containers = machine.mayRaiseLimits ? [] : [`default_ulimits=[${limits.join(",")}]`];
  const sections = [
    ...(containers.length > 0 ? ["[containers]", ...containers] : []),
    ...(engine.length > 0 ? ["[engine]", ...engine] : []),
  ];
  return sections.length > 0 ? `${sections.join("\n")}\n` : undefined;
}

/** `CONTAINERS_CONF` for podman and kind, where this machine needs one and the user has not set one. */
export async function containersConf(root = cacheRoot()): Promise<Record<string, string>> {
  if (process.platform !== "linux" || process.env.CONTAINERS_CONF) return {};
  const text = settings(await thisMachine());
  if (text === undefined) return {};
  const file = join(root, `containers-${hashOf(text)}.conf`);
  if (!(await exists(file))) {
    await mkdir(root, { recursive: true });
    await writeFile(`${file}.${process.pid}`, text);
    await rename(`${file}.${process.pid}`, file);
  }
  return { CONTAINERS_CONF: file };
}

async function thisMachine(): Promise<Machine> {
  const [status, limits] = await Promise.all([
    readFile("/proc/self/status", "utf8"),
    readFile("/proc/self/limits", "utf8"),
  ]);
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  const hard = (name: string) => {
    const value = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, "m").exec(limits)?.[1];
    return value === undefined || value === "unlimited" ? Number.POSITIVE_INFINITY : Number(value);
  };
  return {
    systemd: await exists("/run/systemd/system"),
    cgroupV2: await exists("/sys/fs/cgroup/cgroup.controllers"),
    // A rootless podman keeps within its limits by itself.
    mayRaiseLimits: process.getuid?.() !== 0 || ((capabilities >> CAP_SYS_RESOURCE) & 1n) === 1n,
    hardLimits: { nofile: hard("Max open files"), nproc: hard("Max processes") },
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
