import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached, type OnProgress } from "@schema-rollout/toolchain";
import { type Layer, packLayer } from "./archive.ts";
import { debianFolder, requireMmdebstrap } from "./debian.ts";
import { run } from "./run.ts";
import { sourceHashes } from "./sources.ts";
import { debianSuite } from "./versions.ts";

/** The layers that images are put together from; shared ones are stored and loaded once. */
export interface DebianLayers {
  /** glibc, libstdc++, time zones, CA certificates, users. No shell, no package manager. */
  base: Layer;
  /** busybox, statically linked: works without the base too. */
  shell: Layer;
  /** Lets a program that asks for its user's name run under any uid. */
  anyUser: Layer;
  /** iptables (both kinds) and conntrack, for kube-proxy; on top of base and shell. */
  iptables: Layer;
}

const packages = [
  "libc6",
  "libstdc++6",
  "tzdata",
  "ca-certificates",
  "busybox-static",
  "libnss-wrapper",
  "iptables",
  "conntrack",
];

// Shell patterns below a folder in which the packages lie unpacked, with all that they depend on.
const contents: Record<keyof DebianLayers, string[]> = {
  base: [
    "lib/*-linux-gnu/*.so*",
    "lib64",
    "usr/lib/*-linux-gnu/libstdc++.so.*",
    "usr/share/zoneinfo",
    "usr/share/doc/{libc6,gcc-12-base,tzdata,ca-certificates}",
  ],
  shell: ["usr/share/doc/busybox-static"],
  anyUser: ["usr/lib/*-linux-gnu/libnss_wrapper.so*", "usr/share/doc/libnss-wrapper"],
  iptables: [
    "usr/sbin/{iptables,ip6tables,xtables}-*",
    "usr/sbin/{xtables-nft-multi,xtables-legacy-multi,conntrack}",
    "usr/lib/*-linux-gnu/{xtables,libxtables*,libip4tc*,libip6tc*,libmnl*,libnftnl*,libnfnetlink*,libnetfilter_conntrack*}",
    "usr/share/doc/{iptables,conntrack}",
  ],
};

const users = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;
const groups = "root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n";

export const debianLayerInputs = async () => ({
  suite: debianSuite,
  packages,
  arch: process.arch,
  recipe: await sourceHashes("layers.ts", "debian.ts", "archive.ts"),
});

/** Makes the layers of Debian files, or takes them from the cache. */
export async function debianLayers(onProgress?: OnProgress): Promise<DebianLayers> {
  const dir = await cached(
    {
      name: "debian-layers",
      inputs: await debianLayerInputs(),
      ...(onProgress === undefined ? {} : { onProgress }),
    },
    async (dir) => {
      await requireMmdebstrap(onProgress);
      onProgress?.("unpacking Debian packages");
      const all = join(dir, "all");
      await debianFolder(all, packages, "extract");
      const layers: Partial<DebianLayers> = {};
      for (const name of Object.keys(contents) as (keyof DebianLayers)[]) {
        const folder = join(dir, name);
        await mkdir(folder);
        await take(all, contents[name], folder);
        if (name === "base") await completeBase(all, folder);
        if (name === "shell") await completeShell(all, folder);
        layers[name] = await packLayer(folder, join(dir, `${name}.tar`));
        await rm(folder, { recursive: true });
      }
      await rm(all, { recursive: true });
      await writeFile(
        join(dir, "digests.json"),
        JSON.stringify(
          Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, layer.digest])),
        ),
      );
    },
  );
  const digests: Record<string, string> = JSON.parse(await readFile(join(dir, "digests.json"), "utf8"));
  const layer = (name: keyof DebianLayers) => ({
    file: join(dir, `${name}.tar`),
    digest: digests[name] ?? "",
  });
  return {
    base: layer("base"),
    shell: layer("shell"),
    anyUser: layer("anyUser"),
    iptables: layer("iptables"),
  };
}

async function take(from: string, patterns: string[], to: string): Promise<void> {
  await run("bash", ["-euc", `shopt -s failglob; cp -a --parents ${patterns.join(" ")} "$0"`, to], {
    cwd: from,
  });
}

async function completeBase(all: string, folder: string): Promise<void> {
  const write = async (path: string, content: string | Buffer) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await write("etc/passwd", users);
  await write("etc/group", groups);
  await write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
  const authorities = join(all, "usr/share/ca-certificates/mozilla");
  const files = (await readdir(authorities)).sort();
  const certificates = await Promise.all(files.map((name) => readFile(join(authorities, name), "utf8")));
  await write("etc/ssl/certs/ca-certificates.crt", certificates.join(""));
  await mkdir(join(folder, "tmp"));
  await chmod(join(folder, "tmp"), 0o1777);
}

async function completeShell(all: string, folder: string): Promise<void> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await cp(join(all, "bin/busybox"), join(bin, "busybox"));
  const applets = await run(join(all, "bin/busybox"), ["--list"]);
  for (const applet of applets.split("\n")) {
    if (applet !== "" && applet !== "busybox") await symlink("busybox", join(bin, applet));
  }
}
