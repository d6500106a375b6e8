import { access } from "node:fs/promises";
import { type OnProgress, ToolchainError } from "@schema-rollout/toolchain";
import { run } from "./run.ts";
import { debianSuite } from "./versions.ts";

/** The mirror to use instead of Debian's own, such as a company's. */
export const debianMirror = () => process.env.DEBIAN_MIRROR || undefined;

/**
 * A Debian system in a folder, with these packages and what they need installed and configured.
 * `extract` only unpacks the packages, without running their scripts: for images without a shell.
 */
export async function debianFolder(
  folder: string,
  packages: readonly string[],
  variant: "minbase" | "extract",
): Promise<void> {
  const mirror = debianMirror();
  await run("mmdebstrap", [
    `--variant=${variant}`,
    `--include=${packages.join(",")}`,
    "--format=directory",
    "--mode=root",
    // Documentation and translations are of no use in an image; copyright files stay.
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    // A folder that is left half-made is thrown away, so nothing is gained by waiting for the disk.
    "--dpkgopt=force-unsafe-io",
    "--aptopt=Acquire::Retries 3",
    debianSuite,
    folder,
    ...(mirror === undefined ? [] : [mirror]),
  ]).catch((cause) => {
    throw new ToolchainError(
      `Debian's packages could not be installed into a folder. Is ${mirror ?? "Debian's own mirror"} reachable? DEBIAN_MIRROR names another.\n${cause.message}`,
      { cause },
    );
  });
}

/** mmdebstrap makes Debian folders; it is installed like the container engine, where that is allowed. */
export async function requireMmdebstrap(onProgress?: OnProgress): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    throw new ToolchainError(
      "No container registry can be reached, and images can only be built without one as root on Linux: run this as root, or on a machine that reaches a registry.",
    );
  if (await isInstalled()) return;
  const aptGet = await access("/usr/bin/apt-get").then(
    () => true,
    () => false,
  );
  if (!aptGet)
    throw new ToolchainError(
      "No container registry can be reached, so images are built from Debian packages: install mmdebstrap and run this again.",
    );
  onProgress?.("installing mmdebstrap");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env });
  await run(
    "apt-get",
    [
      "install",
      "--no-install-recommends",
      "--yes",
      "-o",
      "DPkg::Lock::Timeout=300",
      "mmdebstrap",
      "debian-archive-keyring",
    ],
    { env },
  );
}

async function isInstalled(): Promise<boolean> {
  return run("mmdebstrap", ["--version"]).then(
    () => true,
    () => false,
  );
}
