import { type Engine, ToolchainError } from "@schema-rollout/toolchain";
import { execa } from "execa";

/** What a registry says to a request for an image; `why` is one short line. */
export type Answer = { given: true } | { given: false; why: string };

const answers = new Map<string, Promise<Answer>>();

/** Long enough for a slow line, and for podman to try a registry's "too many requests" again, which takes 30 s. */
const PATIENCE_MS = 45_000;

/**
 * The registry's own words, as its API has them: it was reached and refuses. A bare 403 is not among them, since that
 * is what a proxy says which lets nobody through to the registry.
 */
const REFUSED =
  /(^|: )(toomanyrequests|unauthorized|denied|manifest unknown|name unknown)\b|StatusCode: 429|429 Too Many/m;

/**
 * Can the engine pull this image? Asks the registry for its manifest, the way the engine itself would, proxies and
 * logins included, and remembers the answer for this run. Unknown hosts and refused connections answer at once;
 * a registry that stays silent counts as one that cannot be reached. One that answers and refuses is a fault that
 * a login or some patience repairs: a long build would only hide it.
 */
export function askRegistry(image: string, engine: Engine): Promise<Answer> {
  const key = `${engine.path} ${image}`;
  const known = answers.get(key) ?? ask(image, engine);
  answers.set(key, known);
  return known;
}

export const registryOf = (image: string) => image.split("/")[0] ?? image;

async function ask(image: string, engine: Engine): Promise<Answer> {
  const { exitCode, timedOut, stderr } = await execa(engine.path, ["manifest", "inspect", image], {
    env: engine.env,
    stdin: "ignore",
    stdout: "ignore",
    reject: false,
    timeout: PATIENCE_MS,
  });
  if (exitCode === 0) return { given: true };
  const why = timedOut ? `no answer within ${PATIENCE_MS / 1000} s` : shortened(stderr);
  if (!REFUSED.test(stderr)) return { given: false, why };
  const registry = registryOf(image);
  throw new ToolchainError(
    `${registry} answered, but does not give ${image}: ${why}.
Images can be made here instead, but that can take half an hour and was not started. Wait a while if there were too many requests, or log in (${engine.kind} login ${registry}), and run the same command again.`,
  );
}

/** The end of the engine's last line: "connect: connection refused" without the URLs in front of it. */
function shortened(stderr: string): string {
  const line = stderr.trim().split("\n").at(-1) ?? "";
  const end = line.split(": ").slice(-2).join(": ").slice(0, 160);
  return end.replace(/\.$/, "") || "no reason given";
}
