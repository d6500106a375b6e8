import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { root } from "../lib/paths.ts";
import { published, writeResults } from "./results/write.ts";

/** Table and page of what is published, anew from its data: after a change to how they look. Nothing is measured. */
export async function redraw(): Promise<number> {
  const { cells } = JSON.parse(await readFile(join(published, "results.json"), "utf8"));
  for (const file of await writeResults(published, cells)) console.log(relative(root, file));
  return 0;
}
