import { parseArgs } from "node:util";
import type { DataSource } from "typeorm";
import { posts } from "#content";
import { seeds } from "#release";

/**
 * `migrator run seed [--posts N]`: the posts of content/, and N generated ones for volume. Running it again adds
 * nothing that is there already.
 */
export default async function seed(db: DataSource, args: readonly string[] = []): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { posts: { type: "string", default: "0" } } });
  const generate = Number(values.posts);
  if (!Number.isInteger(generate) || generate < 0 || generate > 1_000_000) {
    throw new Error(`seed: --posts takes a whole number up to 1000000, not "${values.posts}".`);
  }
  for (const write of seeds) {
    const done = await write(db, { posts, generate });
    if (done) process.stdout.write(`${done}\n`);
  }
}
