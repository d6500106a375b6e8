import { chmod, copyFile, cp, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Image, type ImageConfig, type Layer, packLayer } from "./archive.ts";
import type { DebianLayers } from "./layers.ts";
import { versions } from "./versions.ts";

/** The names main.go of go/kubernetes answers to. */
export const kubernetesNames = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubelet",
  "kubeadm",
  "kubectl",
] as const;

/** Of these, the ones that run in containers; the rest run on the node. */
export const kubernetesImages = kubernetesNames.slice(0, 4);

export const registry = "registry.k8s.io";
export const provisionerImage = `docker.io/schema-rollout/local-path-provisioner:${versions.localPathProvisioner}`;
export const helperImage = "docker.io/schema-rollout/local-path-helper:1";
export const pauseImage = `${registry}/pause:${versions.pause}`;

/** What kubeadm must ask for, to find it in the node image. */
export const expectedByKubeadm = [
  ...kubernetesImages.map((name) => `${registry}/${name}:${versions.kubernetes}`),
  `${registry}/coredns/coredns:${versions.coredns}`,
  pauseImage,
  `${registry}/etcd:${versions.etcd}`,
];

const iptablesNames = ["iptables", "ip6tables"].flatMap((family) =>
  ["", "-save", "-restore"].map((suffix) => family + suffix),
);
const iptablesScript = fileURLToPath(new URL("../files/kube-proxy/iptables", import.meta.url));

/** The images a node runs its own parts from. Their layers are written into `dir`. */
export async function componentImages(
  dir: string,
  executables: Record<string, string>,
  debian: DebianLayers,
): Promise<Image[]> {
  const pack = async (name: string, fill: (folder: string) => Promise<void>): Promise<Layer> => {
    const folder = join(dir, name);
    await mkdir(folder);
    await fill(folder);
    const layer = await packLayer(folder, join(dir, `${name}.tar`));
    await rm(folder, { recursive: true });
    return layer;
  };
  const single = async (name: string, tag: string, path: string, config: ImageConfig): Promise<Image> => ({
    tags: [tag],
    layers: [debian.base, await pack(name, (folder) => place(executables, name, join(folder, path)))],
    config,
  });
  const kubernetes = await pack("kubernetes", async (folder) => {
    await place(executables, "kubernetes", join(folder, "usr/local/bin/kubernetes"));
    for (const name of kubernetesImages) await symlink("kubernetes", join(folder, "usr/local/bin", name));
    await mkdir(join(folder, "usr/sbin"));
    await copyFile(iptablesScript, join(folder, "usr/sbin/iptables-any"));
    await chmod(join(folder, "usr/sbin/iptables-any"), 0o755);
    for (const name of iptablesNames) await symlink("iptables-any", join(folder, "usr/sbin", name));
  });
  return [
    {
      tags: kubernetesImages.map((name) => `${registry}/${name}:${versions.kubernetes}`),
      layers: [debian.base, debian.shell, debian.iptables, kubernetes],
      config: { Env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] },
    },
    await single("etcd", `${registry}/etcd:${versions.etcd}`, "usr/local/bin/etcd", {
      Env: ["PATH=/usr/local/bin"],
    }),
    await single("coredns", `${registry}/coredns/coredns:${versions.coredns}`, "coredns", {
      Entrypoint: ["/coredns"],
    }),
    await single("pause", pauseImage, "pause", { Entrypoint: ["/pause"], User: "65535:65535" }),
    await single("local-path-provisioner", provisionerImage, "usr/bin/local-path-provisioner", {
      Entrypoint: ["/usr/bin/local-path-provisioner"],
    }),
    { tags: [helperImage], layers: [debian.shell], config: { Env: ["PATH=/bin"] } },
  ];
}

async function place(executables: Record<string, string>, name: string, to: string): Promise<void> {
  const from = executables[name];
  if (from === undefined) throw new Error(`no executable ${name} was built`);
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
  await chmod(to, 0o755);
}
