import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, type GoBuild, goBuild, hashFolder, type OnProgress } from "@schema-rollout/toolchain";
import { versions } from "./versions.ts";

/** A Go program of the node image, and the executables it gives. */
interface Component {
  name: string;
  build: Pick<GoBuild, "packages" | "version" | "module" | "ldflags" | "tags">;
}

const modules = fileURLToPath(new URL("../go", import.meta.url));
const kubernetesVersion = "k8s.io/component-base/version";
const [major, minor] = versions.kubernetes.slice(1).split(".");

const containerd = "github.com/containerd/containerd/v2/cmd";

export const components: readonly Component[] = [
  {
    name: "kubernetes",
    build: {
      packages: ["."],
      module: join(modules, "kubernetes"),
      tags: ["providerless"],
      ldflags: Object.entries({
        gitVersion: versions.kubernetes,
        gitMajor: major,
        gitMinor: minor,
        gitTreeState: "clean",
      }).map(([name, value]) => `-X ${kubernetesVersion}.${name}=${value}`),
    },
  },
  { name: "etcd", build: { packages: ["."], module: join(modules, "etcd") } },
  { name: "pause", build: { packages: ["."], module: join(modules, "pause") } },
  {
    name: "containerd",
    build: {
      packages: [`${containerd}/containerd`, `${containerd}/ctr`, `${containerd}/containerd-shim-runc-v2`],
      version: versions.containerd,
      tags: ["no_btrfs", "no_devmapper", "no_zfs"],
    },
  },
  { name: "coredns", build: { packages: ["github.com/coredns/coredns"], version: versions.coredns } },
  {
    name: "local-path-provisioner",
    build: {
      packages: ["github.com/rancher/local-path-provisioner"],
      version: versions.localPathProvisioner,
    },
  },
];

/** What decides the content of a component: its version and flags, or the files of its module. */
export async function componentInputs({ build }: Component): Promise<unknown> {
  const { module, ...rest } = build;
  return { ...rest, files: module === undefined ? null : await hashFolder(module), arch: process.arch };
}

/** Builds what the cache does not have, one after the other: each build takes all cores. Returns path by name. */
export async function buildComponents(onProgress?: OnProgress): Promise<Record<string, string>> {
  const executables: Record<string, string> = {};
  for (const [index, component] of components.entries()) {
    const tell = (text: string) =>
      onProgress?.(`${component.name} (${index + 1} of ${components.length}): ${text}`);
    const dir = await cached(
      { name: `component-${component.name}`, inputs: await componentInputs(component), onProgress: tell },
      (into) => goBuild({ ...component.build, into, onProgress: tell }),
    );
    for (const name of executableNames(component)) executables[name] = join(dir, name);
  }
  return executables;
}

/** Go names an executable after the last element of its import path, or after the module. */
function executableNames({ name, build }: Component): string[] {
  return build.packages.map((path) => (path === "." ? name : (path.split("/").at(-1) ?? path)));
}
