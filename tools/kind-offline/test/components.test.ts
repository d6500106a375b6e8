import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf, resolveTool } from "@schema-rollout/toolchain";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { helperImage, kubernetesImages, kubernetesNames } from "../src/component-images.ts";
import { componentInputs, components } from "../src/components.ts";
import { published, versions } from "../src/versions.ts";

const kubernetesModule = new URL("../go/kubernetes/", import.meta.url);

test("every link to the Kubernetes binary is a name it answers to, and the other way round", async () => {
  const source = await readFile(new URL("main.go", kubernetesModule), "utf8");
  const table = source.slice(source.indexOf("var components"), source.indexOf("\n}\n"));
  const names = [...table.matchAll(/^\t"([a-z-]+)":/gm)].map((match) => match[1]);
  expect(names.sort()).toEqual([...kubernetesNames].sort());
});

test("the components that run in containers get images, the others do not", () => {
  expect(kubernetesImages).toEqual([
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
  ]);
});

test("the module builds the Kubernetes version that the node says it has", async () => {
  const goMod = await readFile(new URL("go.mod", kubernetesModule), "utf8");
  expect(goMod).toContain(`k8s.io/kubernetes ${versions.kubernetes}`);
  const staging = `v0.${versions.kubernetes.slice("v1.".length)}`;
  const replaced = [...goMod.matchAll(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ (v\S+)$/gm)].map((match) => match[1]);
  expect(replaced.length).toBeGreaterThan(25);
  expect(new Set(replaced)).toEqual(new Set([staging]));
});

test("a component is built again when its version, its flags or a file of its module change", async () => {
  const [kubernetes, etcd] = components;
  if (kubernetes === undefined || etcd === undefined) throw new Error("components are missing");
  const key = async (component: typeof kubernetes) => hashOf(await componentInputs(component));
  const folder = await mkdtemp(join(tmpdir(), "components-"));
  try {
    await cp(new URL("../go/etcd", import.meta.url), folder, { recursive: true });
    const copy = { ...etcd, build: { ...etcd.build, module: folder } };
    expect(await key(copy)).toBe(await key(etcd));
    await writeFile(join(folder, "main.go"), "package main\n");
    expect(await key(copy)).not.toBe(await key(etcd));
  } finally {
    await rm(folder, { recursive: true });
  }
  const flags = { ...kubernetes, build: { ...kubernetes.build, ldflags: [] } };
  expect(await key(flags)).not.toBe(await key(kubernetes));
  const released = { name: "coredns", build: { packages: ["example.org/coredns"], version: "v1.0.0" } };
  const newer = { ...released, build: { ...released.build, version: "v1.0.1" } };
  expect(await key(newer)).not.toBe(await key(released));
});

test("the published node image is the default of the pinned kind, whose files the built one has", async () => {
  const kind = await resolveTool("kind", { path: "" });
  expect(`v${kind.version}`).toBe(versions.kind);
  const program = await readFile(kind.path, "latin1");
  const [, digest] = /kindest\/node:v[\d.]+@(sha256:[0-9a-f]{64})/.exec(program) ?? [];
  expect(published.kindNode).toBe(`docker.io/kindest/node@${digest}`);
});

test("the storage manifest is whole, and pulls nothing", async () => {
  const text = await readFile(new URL("../files/manifests/default-storage.yaml", import.meta.url), "utf8");
  const objects = parseAllDocuments(text.replaceAll("HELPER_IMAGE", helperImage)).map((one) => one.toJS());
  const account = objects.find(({ kind }) => kind === "ServiceAccount").metadata.name;
  const { spec } = objects.find(({ kind }) => kind === "Deployment").spec.template;
  expect(spec.serviceAccountName).toBe(account);
  // Its helper pods run under this account; the program's own default is another name.
  expect(spec.containers[0].args).toContain(`--service-account-name=${account}`);
  expect(text.match(/imagePullPolicy: Never/g)).toHaveLength(2);
});
