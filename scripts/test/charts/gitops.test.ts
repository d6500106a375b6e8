import { cp, lstat, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveTool } from "@schema-rollout/toolchain";
import { describe, expect, onTestFinished, test } from "vitest";
import { $ } from "zx";
import { objectsOf, type RenderOptions, render, theOne } from "../../lib/charts/render.ts";
import { root } from "../../lib/paths.ts";
import { releaseValues } from "../../lib/release/values.ts";

/** As scripts/deploy.ts makes them; the tags are what an image's content would give. */
const valuesOf = (version: string, schemaKey: string, migrations: string, contract = false) =>
  releaseValues({
    facts: { version, schemaKey, level: schemaKey.slice(-13), contract },
    blog: `schema-rollout/blog:${version}`,
    migrations: `schema-rollout/blog-migrations:${migrations}`,
    waitForJob: "schema-rollout/wait-for-job:c0ffee",
  });

const v1 = valuesOf("v1", "CreatePosts1750000000000", "aaaaaaaaaaaa");
const v2 = valuesOf("v2", "AddCategories1760000000000", "bbbbbbbbbbbb");
const v3 = valuesOf("v3", "AddGeneral1765000000000", "dddddddddddd", true);
/** Another build of the application, the same migrations. */
const v2Hotfix = {
  ...v2,
  release: { ...v2.release, version: "v2-hotfix" },
  image: { repository: "schema-rollout/blog", tag: "v2-hotfix" },
  logLevel: "warn",
  replicaCount: 5,
};

describe.each(["helm", "helm3"] as const)("as a tool renders that only renders, with %s", async (tool) => {
  const { path: helm } = await resolveTool(tool, { onProgress: console.log });
  /** Argo CD's way: always an installation, always revision 1, no cluster to ask, but told of one's version. */
  const argo = (values: unknown, args: string[] = []) =>
    render({ ...blog, values, args: ["--include-crds", "--kube-version", "1.37.2", ...args] });
  const blog: RenderOptions = { helm, chart: "charts/blog", release: "blog", namespace: "blog" };

  test("the same values give the same text, whether it is called an installation or an upgrade", async () => {
    const first = await argo(v2);
    expect(await argo(v2)).toBe(first);
    expect(await argo(v2, ["--is-upgrade"])).toBe(first);
  });

  test("another release has another Job, and its gate and Role know it by name", async () => {
    const old = await names(argo(v1));
    const now = await names(argo(v2));
    expect(now.job).toMatch(/^blog-migrate-[0-9a-f]{10}$/);
    expect(now.job).not.toBe(old.job);
    expect(now).toMatchObject({ gate: now.job, role: [now.job] });
    expect(old).toMatchObject({ gate: old.job, role: [old.job] });
  });

  test("a change of the application alone keeps the Job to the last byte, and replaces the pods", async () => {
    const before = objectsOf(await argo(v2));
    const after = objectsOf(await argo(v2Hotfix, ["--is-upgrade"]));
    expect(theOne(after, "Job")).toEqual(theOne(before, "Job"));
    expect(theOne(after, "Role")).toEqual(theOne(before, "Role"));
    const podOf = (objects: typeof before) => theOne(objects, "Deployment").spec.template;
    expect(podOf(after)).not.toEqual(podOf(before));
    expect(podOf(after).spec.initContainers).toEqual(podOf(before).spec.initContainers);
  });

  test("a contract Job is one more plain Job, kept and renamed in the same way", async () => {
    const contractOf = async (values: unknown) =>
      theOne(objectsOf(await argo(values)), "Job", "blog-contract-");
    const hotfix = { ...v3, release: { ...v3.release, version: "v3-hotfix" } };
    expect(await contractOf(hotfix)).toEqual(await contractOf(v3));
    const again = await contractOf({ ...v3, contract: { attempt: 2 } });
    expect(again.metadata?.name).not.toBe((await contractOf(v3)).metadata?.name);
  });

  test("where links are left out of a repository, as Flux does, helm dependency build makes the same chart", async () => {
    const copy = await mkdtemp(join(tmpdir(), "charts-"));
    onTestFinished(() => rm(copy, { recursive: true }));
    const isNoLink = async (path: string) => !(await lstat(path)).isSymbolicLink();
    await cp(join(root, "charts"), copy, { recursive: true, filter: isNoLink });
    for (const chart of ["blog", "postgres", "examples/orders"]) {
      const here = { helm, release: "a", namespace: "b", valueFiles: [join(copy, chart, "ci/values.yaml")] };
      await expect(render({ ...here, chart: join(copy, chart) })).rejects.toThrow(/missing in charts/);
      await $({ quiet: true })`${helm} dependency build ${join(copy, chart)}`;
      const linked = await render({ ...here, chart: join(root, "charts", chart) });
      expect(await render({ ...here, chart: join(copy, chart) }), chart).toBe(linked);
    }
  });

  test("nothing is a hook, but for the pod of helm test, which such tools leave out", async () => {
    const hooks = objectsOf(await argo(v3)).filter(({ metadata }) =>
      Object.keys(metadata?.annotations ?? {}).some((key) => /helm\.sh\/|argocd\.argoproj\.io\//.test(key)),
    );
    expect(hooks.map(({ kind, metadata }) => [kind, metadata?.annotations?.["helm.sh/hook"]])).toEqual([
      ["Pod", "test"],
    ]);
  });
});

async function names(text: Promise<string>) {
  const objects = objectsOf(await text);
  return {
    job: theOne(objects, "Job").metadata?.name ?? "",
    gate: theOne(objects, "Deployment").spec.template.spec.initContainers[0].args[0],
    role: theOne(objects, "Role").rules[0].resourceNames,
  };
}

describe("no template asks for what differs from one rendering to the next", async () => {
  const charts = join(root, "charts");
  const files = (await readdir(charts, { recursive: true })).filter(
    (file) => /(^|\/)templates\/.*\.(yaml|tpl|txt)$/.test(file) && !file.includes("/charts/"),
  );

  test("there are templates to look at", () => {
    expect(files.length).toBeGreaterThan(20);
  });

  test.each(files)("%s", async (file) => {
    const text = await readFile(join(charts, file), "utf8");
    // What Helm carries out; a comment may name what the code avoids.
    const code = (text.match(/\{\{[\s\S]*?\}\}/g) ?? []).filter((action) => !/^\{\{-?\s*\/\*/.test(action));
    expect(code.join("\n")).not.toMatch(
      /\blookup\b|\.Release\.(Revision|IsInstall|IsUpgrade)|\.Capabilities\b|\brand[A-Z]\w+|\bnow\b|\bgen(CA|SelfSigned|Signed|PrivateKey)|\buuidv4\b|\bgetHostByName\b/,
    );
    if (!file.includes("/templates/tests/")) expect(text).not.toMatch(/helm\.sh\/(hook|resource-policy)/);
  });
});
