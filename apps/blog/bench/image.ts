import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the image tells Node.js: V8's flags are part of what a code cache fits, and of what memory is taken. */
export const nodeOptions: string = (() => {
  const dockerfile = readFileSync(join(import.meta.dirname, "../Dockerfile"), "utf8");
  const set = new Set([...dockerfile.matchAll(/^ENV NODE_OPTIONS=(\S+)$/gm)].map(([, options]) => options));
  const [options] = set;
  if (options === undefined || set.size > 1)
    throw new Error("The two stages of the Dockerfile set different NODE_OPTIONS, or none.");
  return options;
})();
