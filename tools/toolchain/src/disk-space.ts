import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Finding } from "./doctor.ts";

/** A first run puts tools, images and a node image here; later ones replace what changed. */
const FIRST_RUN_GIB = 15;
const LATER_GIB = 4;

export async function diskFinding(folder: string, toolsReady: boolean): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearest(folder));
  return judgeDisk(bavail * bsize, toolsReady);
}

/** Is that much free space enough? `toolsReady`: a first run has been here and taken its share. */
export function judgeDisk(freeBytes: number, toolsReady: boolean): Finding {
  const needed = toolsReady ? LATER_GIB : FIRST_RUN_GIB;
  const detail = toolsReady
    ? `${gib(freeBytes)} GiB free, ${LATER_GIB} GiB are enough since the tools are there`
    : `${gib(freeBytes)} GiB free, a first run may use ${FIRST_RUN_GIB} GiB`;
  return { what: "disk space", state: freeBytes >= needed * 2 ** 30 ? "ready" : "missing", detail };
}

export const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);

/** The folder itself, or the closest one above it that exists. */
async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).catch(() => undefined);
  return there ? folder : nearest(join(folder, ".."));
}
