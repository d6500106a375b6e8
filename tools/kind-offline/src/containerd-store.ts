import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ToolchainError } from "@schema-rollout/toolchain";
import { execa } from "execa";
import { run } from "./run.ts";

/**
 * Imports images into the containerd store of a node's folder, unpacked, so that a node starts with them in place.
 * The node's own containerd runs here for it, pointed at that folder; it starts no container.
 */
export async function fillStore(rootfs: string, archive: string, executables: Record<string, string>) {
  const { containerd, ctr } = executables;
  if (containerd === undefined || ctr === undefined) throw new Error("containerd and ctr were not built");
  // A socket's path may be 108 bytes long, so it cannot lie below the cache.
  const state = await mkdtemp(join(tmpdir(), "kind-offline-"));
  const store = join(rootfs, "var/lib/containerd");
  await mkdir(store, { recursive: true });
  await writeFile(join(state, "config.toml"), configuration(store, state));
  // In a mount namespace of its own: what it mounts to unpack a layer is gone when it is, even if it is killed.
  const daemon = execa("unshare", ["--mount", containerd, "--config", join(state, "config.toml")], {
    stdin: "ignore",
    reject: false,
    all: true,
    cleanup: true,
  });
  const ask = (...args: string[]) =>
    run(ctr, ["--address", join(state, "containerd.sock"), "--namespace", "k8s.io", ...args]);
  try {
    await answering(() => ask("version"), daemon);
    // The label keeps kubelet from removing them when the disk fills up: they cannot be pulled again.
    const pinned = ["--label", "io.cri-containerd.pinned=pinned"];
    await ask("images", "import", "--local", "--discard-unpacked-layers", ...pinned, archive);
    // Waits for the garbage collection that removes the packed layers.
    await ask("content", "prune", "references");
  } finally {
    daemon.kill("SIGTERM");
    await daemon;
    await rm(state, { recursive: true, force: true });
  }
}

// Only what stores and unpacks images: no network, no runtime, no other snapshotter.
const configuration = (store: string, state: string) => `version = 3
root = ${JSON.stringify(store)}
state = ${JSON.stringify(join(state, "state"))}
disabled_plugins = [
  "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri",
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs", "io.containerd.nri.v1.nri",
]
[grpc]
address = ${JSON.stringify(join(state, "containerd.sock"))}
`;

async function answering(ask: () => Promise<unknown>, daemon: PromiseLike<{ all?: unknown }>): Promise<void> {
  let ended: string | undefined;
  void daemon.then(({ all }) => {
    ended = String(all ?? "");
  });
  const until = Date.now() + 30_000;
  for (;;) {
    const fault = await ask().then(
      () => undefined,
      (error: Error) => error,
    );
    if (fault === undefined) return;
    if (ended !== undefined)
      throw new ToolchainError(
        `containerd ended while images were imported:\n${ended.split("\n").slice(-8).join("\n")}`,
      );
    if (Date.now() > until) throw fault;
    await sleep(100);
  }
}
