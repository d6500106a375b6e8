import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { usage } from "./lib/failure.ts";
import { root } from "./lib/paths.ts";
import { requireRelease } from "./lib/release/releases.ts";
import { sh } from "./lib/shell.ts";
import { type Verb, verb } from "./lib/verb.ts";

/**
 * If only the migrations of TO run, does FROM break? `npm run compat -- --from v1 --to v2 [--json] [--verbose]`, or
 * `make compat FROM=v1 TO=v2`. The exit code is that of tools/compat.
 */
const compat = async ({ onEnd }: Verb) => {
  const { from = process.env.FROM || "v1", to = process.env.TO || "v2", ...more } = readFlags();
  for (const release of [from, to]) await requireRelease(release);
  if (from === to) throw usage("Give two different releases: --from v1 --to v2.");
  await sh`turbo run build --filter=@schema-rollout/blog --output-logs=errors-only`;
  const flags = Object.keys(more).map((name) => `--${name}`);
  const config = join(root, "apps/blog/compat.json");
  const play = spawn("compat", ["--from", from, "--to", to, "--config", config, ...flags], {
    stdio: "inherit",
  });
  onEnd(async () => {
    if (play.exitCode === null && play.kill("SIGTERM")) await once(play, "exit");
  });
  const [code] = await once(play, "exit");
  return code ?? 1;
};

function readFlags() {
  try {
    return parseArgs({
      options: {
        from: { type: "string" },
        to: { type: "string" },
        json: { type: "boolean" },
        verbose: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw usage(`${(error as Error).message}\nThere are: --from v1, --to v2, --json, --verbose.`);
  }
}

await verb("compat", compat, { words: "its own" });
