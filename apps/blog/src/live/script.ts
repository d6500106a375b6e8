import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the page runs. A built release has the text itself in this place: see build.ts. */
export const script = readFileSync(join(import.meta.dirname, "client/live.js"), "utf8");
