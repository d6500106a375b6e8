import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packLayer, writeArchive } from "../src/archive.ts";
import { run } from "../src/run.ts";

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "archive-"));
});
afterAll(() => rm(work, { recursive: true }));

async function folder(name: string, content: string, mode = 0o644): Promise<string> {
  const path = join(work, name);
  await mkdir(join(path, "bin"), { recursive: true });
  await writeFile(join(path, "bin/tool"), content);
  await chmod(join(path, "bin/tool"), mode);
  return path;
}

test("the same files give the same layer, whenever they were written", async () => {
  const first = await packLayer(await folder("a", "x"), join(work, "a.tar"));
  const second = await folder("b", "x");
  await utimes(join(second, "bin/tool"), 1, 1);
  expect((await packLayer(second, join(work, "b.tar"))).digest).toBe(first.digest);
});

test("another content or another mode gives another layer", async () => {
  const digests = new Set([
    (await packLayer(await folder("c", "x"), join(work, "c.tar"))).digest,
    (await packLayer(await folder("d", "y"), join(work, "d.tar"))).digest,
    (await packLayer(await folder("e", "x", 0o755), join(work, "e.tar"))).digest,
  ]);
  expect(digests.size).toBe(3);
});

test("a layer that images share is in the archive once", async () => {
  const shared = await packLayer(await folder("f", "shared"), join(work, "f.tar"));
  const own = await packLayer(await folder("g", "own"), join(work, "g.tar"));
  const archive = join(work, "images.tar");
  await writeArchive(
    [
      { tags: ["example/one:1"], layers: [shared], config: { Cmd: ["one"] } },
      { tags: ["example/two:1", "example/two:2"], layers: [shared, own], config: { User: "1:1" } },
    ],
    archive,
  );
  const files = (await run("tar", ["-tf", archive])).split("\n");
  expect(files.filter((name) => name.endsWith(".tar"))).toHaveLength(2);

  await run("tar", ["-C", work, "-xf", archive]);
  const manifest = JSON.parse(await readFile(join(work, "manifest.json"), "utf8"));
  expect(manifest[1].RepoTags).toEqual(["example/two:1", "example/two:2"]);
  expect(manifest[1].Layers).toEqual([`${shared.digest}.tar`, `${own.digest}.tar`]);
  const config = JSON.parse(await readFile(join(work, manifest[1].Config), "utf8"));
  expect(config.rootfs.diff_ids).toEqual([`sha256:${shared.digest}`, `sha256:${own.digest}`]);
  expect(config.config).toEqual({ User: "1:1" });
});
