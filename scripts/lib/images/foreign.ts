import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy, sh } from "../shell.ts";

/**
 * Gives an image that others built a name under our prefix, with its own id as the tag: so it can be loaded or pushed
 * like ours, and a tag of theirs that moves does no harm. Pulls it where the engine does not have it.
 */
export async function adopt(
  engine: Engine,
  prefix: string,
  { image, name }: { image: string; name: string },
  say: Say,
): Promise<string> {
  const run = sh({ env: { ...process.env, ...engine.env } });
  const present = await run({ nothrow: true })`${engine.path} image inspect ${image}`;
  if (present.exitCode !== 0) {
    say(`pulling ${image}`);
    await run`${engine.path} pull ${image}`.catch((error) => {
      throw new Failure(
        `There is no image ${image}, neither here nor where it could be pulled: ${saidBy(error)}`,
      );
    });
  }
  const { stdout } = await run`${engine.path} image inspect --format {{.Id}} ${image}`;
  const adopted = `${prefix}/${name}:${stdout.trim().replace("sha256:", "").slice(0, 12)}`;
  await run`${engine.path} tag ${image} ${adopted}`;
  return adopted;
}

/** A file out of an image. The image need not have a shell: its container is made and never started. */
export async function fileIn(engine: Engine, image: string, path: string): Promise<string> {
  const run = sh({ env: { ...process.env, ...engine.env } });
  const folder = await mkdtemp(join(tmpdir(), "image-file-"));
  const container = (await run`${engine.path} create ${image}`).stdout.trim();
  try {
    await run`${engine.path} cp ${`${container}:${path}`} ${join(folder, "file")}`;
    return await readFile(join(folder, "file"), "utf8");
  } catch (error) {
    throw new Failure(`The image ${image} has no ${path}: ${saidBy(error)}`);
  } finally {
    await run`${engine.path} rm ${container}`;
    await rm(folder, { recursive: true, force: true });
  }
}
