import { join } from "node:path";
import { $ } from "zx";
import { root } from "./paths.ts";

const biome = join(root, "node_modules/.bin/biome");

/** A text as the repository's formatter leaves it; `file` is its path from the root, which decides how. */
export const formatted = async (file: string, text: string): Promise<string> =>
  (await $({ cwd: root, quiet: true, input: text })`${biome} format --stdin-file-path=${file}`).stdout;
