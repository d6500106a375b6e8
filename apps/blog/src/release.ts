import type { Feature } from "./feature.ts";

/** What one release of the blog is made of. The files in releases/ export these names; `#release` is one of them. */
export interface Release {
  readonly version: string;
  /** The API it offers: the suite in api-suite/ that holds it to that. */
  readonly api: string;
  /** A function, so that a bundle of the seeds alone can leave the app out. */
  readonly features: () => readonly Feature[];
  /** Class names, in the order in which they run. */
  readonly migrations: readonly string[];
}

/** The 13-digit timestamp of a release's last migration: how new a schema its code knows. */
export function levelOf(migrations: readonly string[]): string {
  const levels = migrations.map((name) => {
    const timestamp = /\d{13}$/.exec(name)?.[0];
    if (!timestamp) throw new Error(`Migration ${name} does not end in a 13-digit timestamp.`);
    return timestamp;
  });
  return levels.sort().at(-1) ?? "0";
}
