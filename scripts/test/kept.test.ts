import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { forgetKept, whereToLook } from "../lib/tests/kept.ts";

test("a run that failed says where to look, and the next run forgets it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kept-"));
  onTestFinished(() => forgetKept(folder));
  expect(await whereToLook(folder)).toBeUndefined();
  for (const name of ["upgrade.b", "nodes.a"]) await mkdir(join(folder, name));
  expect(await whereToLook(folder)).toMatch(/: \S+\/nodes\.a, \S+\/upgrade\.b$/);
  await forgetKept(folder);
  expect(await whereToLook(folder)).toBeUndefined();
});
