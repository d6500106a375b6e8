import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cacheRoot } from "./cache.mjs";
import { ToolchainError } from "./failure.mjs";
import { withLock } from "./lock.mjs";

/** True where packages of the system may be installed: as root on Debian or Ubuntu. */
export async function mayInstall(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

/** Installs packages of the system; `what` is what people call them. Two runs at once take turns. */
export async function installPackages(
  what: string,
  packages: string[],
  onProgress?: (text: string) => void,
): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const steps = [
    ["update"],
    ["install", "--no-install-recommends", "--yes", "-o", "DPkg::Lock::Timeout=300", ...packages],
  ];
  const lock = join(cacheRoot(), ".locks", "apt");
  await withLock(
    lock,
    { onWait: (pid) => onProgress?.(`waiting for process ${pid}, which installs packages`) },
    async () => {
      for (const args of steps) {
        onProgress?.(`installing ${what}: apt-get ${args[0]}`);
        const { exitCode, all } = await execa("apt-get", args, {
          env,
          reject: false,
          all: true,
          stdin: "ignore",
        });
        if (exitCode === 0) continue;
        const last = (all ?? "").trim().split("\n").slice(-6).join("\n  ");
        throw new ToolchainError(`${what} could not be installed, apt-get ${args[0]} failed:\n  ${last}`);
      }
    },
  );
}
