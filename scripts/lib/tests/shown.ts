import { root } from "../paths.ts";
import { sh } from "../shell.ts";

/** A command whose output is the person's to see, and whose exit code is ours to judge. */
export const shown = sh({ cwd: root, nothrow: true, stdio: ["ignore", "inherit", "inherit"] });
