import { parseArgs } from "node:util";
import type { DataSource } from "typeorm";
import { posts } from "#content";
import { seeds } from "#release";
import { fillers } from "./fillers.ts";

/**
 * `migrator run seed [--posts N]`: the posts of content/, and N generated ones for volume. Running it again adds
 * nothing that is there already.
 */
export default async function seed(db: DataSource, args: readonly string[] = []): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { posts: { type: "string", default: "0" } } });
  const wanted = Number(values.posts);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 1_000_000) {
    throw new Error(`seed: --posts takes a whole number up to 1000000, not "${values.posts}".`);
  }
  // First the generated ones, so that the list begins with posts worth reading.
  if (wanted > 0) process.stdout.write(`${await fillers(db, wanted)}\n`);
  for (const write of seeds) process.stdout.write(`${await write(db, posts)}\n`);
}
