import { join, resolve } from "node:path";

/** The repository's root. */
export const root: string = resolve(import.meta.dirname, "../..");
/** Machine-readable results; not committed. */
export const artifacts: string = join(root, "artifacts");
