import type { Engine } from "@schema-rollout/toolchain";
import { execa } from "execa";

const answers = new Map<string, Promise<boolean>>();

/**
 * Can the engine pull this image? Asks the registry for its manifest, the way the engine itself would, proxies and
 * logins included, and remembers the answer for this run. Unknown hosts and refused connections answer at once;
 * a registry that stays silent counts as one that cannot be reached.
 */
export function canPull(image: string, engine: Engine): Promise<boolean> {
  const key = `${engine.path} ${image}`;
  const known = answers.get(key) ?? ask(image, engine);
  answers.set(key, known);
  return known;
}

async function ask(image: string, engine: Engine): Promise<boolean> {
  const { exitCode } = await execa(engine.path, ["manifest", "inspect", image], {
    env: engine.env,
    stdin: "ignore",
    reject: false,
    // Long enough for a slow line: the other way takes a quarter of an hour.
    timeout: 15_000,
    buffer: false,
  });
  return exitCode === 0;
}
