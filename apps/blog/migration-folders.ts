import { join } from "node:path";

/**
 * Where the sources of migrations are: those that releases of the blog have one after the other, and those of `broken-…`, `failing`,
 * `slow` and `welcome`, which no other release follows and which are there to show that checks can go red.
 */
export const migrationFolders = ["migrations", "migrations/controls"].map((folder) =>
  join(import.meta.dirname, folder),
);
