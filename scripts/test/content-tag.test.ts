import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imageValues } from "../lib/images/build.ts";
import { contentTag } from "../lib/images/content-tag.ts";

let context: string;
beforeEach(async () => {
  context = await mkdtemp(join(tmpdir(), "content-tag-"));
  await mkdir(join(context, "dist/deep"), { recursive: true });
  await writeFile(join(context, "Dockerfile"), "FROM scratch");
  await writeFile(join(context, "dist/deep/app.mjs"), "1");
});
afterEach(() => rm(context, { recursive: true }));

const tag = (args = { BASE: "a" }) => contentTag({ context, files: ["Dockerfile", "dist"], args });

test("the same inputs give the same tag, any change another", async () => {
  const first = await tag();
  expect(first).toMatch(/^[0-9a-f]{12}$/);
  expect(await tag()).toBe(first);
  expect(await tag({ BASE: "b" })).not.toBe(first);
  await writeFile(join(context, "dist/deep/app.mjs"), "2");
  const second = await tag();
  expect(second).not.toBe(first);
  await writeFile(join(context, "unrelated"), "x");
  expect(await tag()).toBe(second);
});

test("a missing file is an error, not an empty image", async () => {
  await expect(contentTag({ context, files: ["gone"], args: {} })).rejects.toThrow(/ENOENT/);
});

test.each([
  [
    "registry.example:5000/team/blog:abc",
    { repository: "registry.example:5000/team/blog", tag: "abc", digest: "" },
  ],
  ["postgres:18.4@sha256:12", { repository: "postgres", tag: "18.4", digest: "sha256:12" }],
  [
    "registry.example:5000/blog@sha256:12",
    { repository: "registry.example:5000/blog", tag: "", digest: "sha256:12" },
  ],
])("%s in chart values", (image, values) => {
  expect(imageValues(image)).toEqual(values);
});
