import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OnProgress } from "@schema-rollout/toolchain";
import { type ImageConfig, packLayer, writeArchive } from "./archive.ts";
import { builtImage } from "./built-image.ts";
import { componentImages } from "./component-images.ts";
import { buildComponents, componentInputs, components } from "./components.ts";
import { fillStore } from "./containerd-store.ts";
import { debianFolder, requireMmdebstrap } from "./debian.ts";
import { debianLayerInputs, debianLayers } from "./layers.ts";
import { makeNode, nodePackages } from "./node-rootfs.ts";
import { sourceHashes } from "./sources.ts";
import { debianSuite, versions } from "./versions.ts";

/** Everything the node image depends on. */
export async function nodeImageInputs() {
  return {
    versions,
    suite: debianSuite,
    packages: nodePackages,
    layers: await debianLayerInputs(),
    components: await Promise.all(components.map(componentInputs)),
    recipe: await sourceHashes(
      "node-image.ts",
      "node-rootfs.ts",
      "component-images.ts",
      "containerd-store.ts",
      "../files/kube-proxy/iptables",
      "../files/manifests/default-storage.yaml",
    ),
  };
}

/** kind's node image, with everything a cluster needs inside. */
export const kindNodeImage = builtImage("kind-node", nodeImageInputs, make);

async function make(dir: string, tag: string, onProgress?: OnProgress): Promise<void> {
  await requireMmdebstrap(onProgress);
  const executables = await buildComponents(onProgress);
  const debian = await debianLayers(onProgress);
  const parts = join(dir, "parts");
  await mkdir(parts);
  onProgress?.("packing the images of the node's own parts");
  await writeArchive(await componentImages(parts, executables, debian), join(parts, "images.tar"));
  onProgress?.("installing Debian for the node");
  const root = join(dir, "root");
  await debianFolder(root, nodePackages, "minbase");
  onProgress?.("adding Kubernetes and kind's files");
  await makeNode(root, executables);
  onProgress?.("putting the images into the node's store");
  await fillStore(root, join(parts, "images.tar"), executables);
  await rm(parts, { recursive: true });
  onProgress?.("packing the node image");
  const layer = await packLayer(root, join(dir, "layer.tar"));
  await rm(root, { recursive: true });
  await writeArchive([{ tags: [tag], layers: [layer], config: nodeConfig }], join(dir, "image.tar"));
  await rm(layer.file);
}

const nodeConfig: ImageConfig = {
  Entrypoint: ["/usr/local/bin/entrypoint", "/sbin/init"],
  // systemd takes this one for "power off"; SIGTERM would only make it start again.
  StopSignal: "SIGRTMIN+3",
  Env: ["container=docker", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
};
