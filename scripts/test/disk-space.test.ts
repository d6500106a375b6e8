import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireSpace } from "../lib/cluster/disk-space.ts";

const { bavail, bsize } = await statfs(tmpdir());
const free = bavail * bsize;

test("too little space where a folder lies is said with both figures and the folder", async () => {
  const asked = free * 2;
  const said = new RegExp(
    `^Only \\d+ MiB are free where ${tmpdir()} lies; a cluster needs ${Math.ceil(asked / 1024 ** 2)} MiB\\.`,
  );
  await expect(requireSpace([join(tmpdir(), "not-there"), tmpdir()], asked)).rejects.toThrow(said);
});

test("enough space, and a folder that is not on this machine, are no obstacle", async () => {
  await requireSpace([join(tmpdir(), "not-there"), tmpdir()], free / 2);
});
