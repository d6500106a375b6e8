import { statfsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clearAbandoned, folderForNow, prefix } from "../src/folder.ts";

const hasRoomInMemory = (() => {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize >= 4 * 1024 ** 3;
  } catch {
    return false;
  }
})();

test("what a killed process left is removed; what runs, is being made or is another program's stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "folder-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const add = async (name: string, pid: number | undefined, minutes: number) => {
    await mkdir(join(folder, name, "data"), { recursive: true });
    if (pid) await writeFile(join(folder, name, "data/postmaster.pid"), `${pid}\n/somewhere\n`);
    const then = new Date(Date.now() - minutes * 60_000);
    await utimes(join(folder, name), then, then);
  };
  // Larger than any process id of Linux.
  const gone = 2 ** 22 + 1;
  await add(`${prefix}gone`, gone, 11);
  await add(`${prefix}stopped`, undefined, 11);
  await add(`${prefix}running`, process.pid, 600);
  await add(`${prefix}made-now`, undefined, 1);
  await add("of-another-program", gone, 600);
  await clearAbandoned(folder);
  expect((await readdir(folder)).sort()).toEqual(
    ["of-another-program", `${prefix}made-now`, `${prefix}running`].sort(),
  );
});

const GiB = 1024 ** 3;

test("whoever names a folder for temporary files gets that one, and so does a machine with little memory", async () => {
  for (const name of ["TMPDIR", "TMP", "TEMP"])
    expect(await folderForNow({ [name]: "/anywhere" }, 64 * GiB)).toBe(tmpdir());
  expect(await folderForNow({}, 7 * GiB)).toBe(tmpdir());
});

test.runIf(hasRoomInMemory)("else it is memory, where there is room in it", async () => {
  expect(await folderForNow({}, 8 * GiB)).toBe("/dev/shm");
});
