import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { usage } from "../failure.ts";
import { root } from "../paths.ts";

const facts = z.object({
  version: z.string(),
  schemaKey: z.string(),
  level: z.string().regex(/^\d{13}$/),
  contract: z.boolean().default(false),
});

/**
 * What `release.json` says: the release's name, its last expand migration, the timestamp of its last migration, and
 * whether it has backfill or contract migrations.
 */
export type ReleaseFacts = z.infer<typeof facts>;

const sources = join(root, "apps/blog/src/releases");

/** Names of the releases that can be built. */
export const knownReleases = async (): Promise<string[]> => releaseNames();

/** The same, for what is read before anything else. */
export function releaseNames(): string[] {
  return readdirSync(sources)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

export async function requireRelease(name: string): Promise<void> {
  const known = await knownReleases();
  if (!known.includes(name)) throw usage(`There is no release "${name}". There are: ${known.join(", ")}.`);
}

export async function releaseFacts(name: string): Promise<ReleaseFacts> {
  return facts.parse(JSON.parse(await readFile(join(root, "apps/blog/dist", name, "release.json"), "utf8")));
}
