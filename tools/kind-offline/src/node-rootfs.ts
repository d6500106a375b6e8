import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ToolchainError } from "@schema-rollout/toolchain";
import {
  expectedByKubeadm,
  helperImage,
  kubernetesNames,
  pauseImage,
  provisionerImage,
} from "./component-images.ts";
import { run } from "./run.ts";
import { versions } from "./versions.ts";

/** What kind's node needs of Debian; runc and the CNI plugins come from there as well. */
export const nodePackages = [
  ...["systemd", "conntrack", "iptables", "iproute2", "ethtool", "util-linux", "mount", "kmod"],
  ...["libseccomp2", "e2fsprogs", "bash", "ca-certificates", "procps", "jq"],
  ...["runc", "containernetworking-plugins"],
];

const manifests = fileURLToPath(new URL("../files/manifests", import.meta.url));

/** Turns a Debian folder into a kind node: kind's own files, the services it wants, and the executables. */
export async function makeNode(root: string, executables: Record<string, string>): Promise<void> {
  const at = (path: string) => join(root, path);
  await copyKindFiles(root);
  await enableServices(root);

  for (const name of ["containerd", "ctr", "containerd-shim-runc-v2"])
    await install(executables, name, at(`usr/local/bin/${name}`));
  await install(executables, "kubernetes", at("usr/local/bin/kubernetes"));
  for (const name of kubernetesNames) await symlink("../local/bin/kubernetes", at(`usr/bin/${name}`));
  await symlink("/usr/sbin/runc", at("usr/local/sbin/runc"));
  await mkdir(at("opt/cni/bin"), { recursive: true });
  for (const plugin of ["host-local", "loopback", "ptp", "portmap"])
    await copyFile(at(`usr/lib/cni/${plugin}`), at(`opt/cni/bin/${plugin}`));
  await rm(at("usr/lib/cni"), { recursive: true });
  // Debian's packages bring networks of their own, which containerd would prefer to the cluster's.
  await rm(at("etc/cni"), { recursive: true, force: true });

  await requireKubeadmAgrees(root);
  await configureContainerd(root);
  await mkdir(at("etc/kubernetes/manifests"), { recursive: true });
  await mkdir(at("kind/manifests"), { recursive: true });
  const storage = await readFile(join(manifests, "default-storage.yaml"), "utf8");
  await writeFile(
    at("kind/manifests/default-storage.yaml"),
    storage.replaceAll("HELPER_IMAGE", helperImage).replaceAll("PROVISIONER_IMAGE", provisionerImage),
  );
  await writeFile(at("kind/version"), versions.kubernetes);
}

/** The files of kind's base image lie in its Go module. */
async function copyKindFiles(root: string): Promise<void> {
  const module = JSON.parse(
    await run("go", ["mod", "download", "-json", `sigs.k8s.io/kind@${versions.kind}`]),
  );
  const files = join(module.Dir, "images/base/files");
  for (const entry of await readdir(files, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const path = from.slice(files.length + 1);
    const to = join(root, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    await chmod(to, /^(usr\/local|kind)\/bin\//.test(path) ? 0o755 : 0o644);
  }
}

/** As kind's Dockerfile has it: nothing starts but what a node is for. */
async function enableServices(root: string): Promise<void> {
  const script = `
    rm -f lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service
    rm -f lib/systemd/system/multi-user.target.wants/* etc/systemd/system/*.wants/*
    rm -f lib/systemd/system/local-fs.target.wants/* lib/systemd/system/basic.target.wants/*
    rm -f lib/systemd/system/sockets.target.wants/*udev* lib/systemd/system/sockets.target.wants/*initctl*
    echo ReadKMsg=no >> etc/systemd/journald.conf
    ln -sf /lib/systemd/systemd sbin/init
    systemctl --root=. enable kubelet.service containerd.service undo-mount-hacks.service
    systemctl --root=. mask systemd-binfmt.service
  `;
  await run("chroot", [root, "/bin/bash", "-euc", script]);
}

async function requireKubeadmAgrees(root: string): Promise<void> {
  const args = ["config", "images", "list", "--kubernetes-version", versions.kubernetes];
  const wanted = (await run("chroot", [root, "/usr/bin/kubeadm", ...args])).split("\n").filter(Boolean);
  const missing = wanted.filter((image) => !expectedByKubeadm.includes(image));
  if (missing.length === 0) return;
  throw new ToolchainError(
    `kubeadm ${versions.kubernetes} asks for ${missing.join(", ")}: set these versions in tools/kind-offline/src/versions.ts and the modules they are built from.`,
  );
}

/**
 * kind's settings, with the pause image that is in this node, and no wish for a lower OOM score than the one the
 * node itself runs with: without CAP_SYS_RESOURCE containers would not start.
 */
async function configureContainerd(root: string): Promise<void> {
  const path = join(root, "etc/containerd/config.toml");
  const before = await readFile(path, "utf8");
  const after = before
    .replace(/^(\s*sandbox_image\s*=).*$/m, `$1 "${pauseImage}"`)
    .replace(/^(\s*restrict_oom_score_adj\s*=).*$/m, "$1 true");
  if (!after.includes(pauseImage) || !after.includes("restrict_oom_score_adj = true"))
    throw new ToolchainError(`kind ${versions.kind} has another containerd configuration than expected`);
  await writeFile(path, after);
  const spec = JSON.parse(await run("chroot", [root, "/usr/local/bin/ctr", "oci", "spec"]));
  delete spec.process.rlimits;
  spec.hooks = { createContainer: [{ path: "/kind/bin/mount-product-files.sh" }] };
  await writeFile(join(root, "etc/containerd/cri-base.json"), JSON.stringify(spec));
}

async function install(executables: Record<string, string>, name: string, to: string): Promise<void> {
  const from = executables[name];
  if (from === undefined) throw new Error(`no executable ${name} was built`);
  await cp(from, to);
  await chmod(to, 0o755);
}
