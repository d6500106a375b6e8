import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { usage } from "./lib/failure.ts";
import { root } from "./lib/paths.ts";
import { requireRelease } from "./lib/release/releases.ts";
import { sh } from "./lib/shell.ts";
import { verb } from "./lib/verb.ts";

const { values } = parseArgs({
  strict: false,
  options: { from: { type: "string" }, to: { type: "string" } },
});

/**
 * If only the migrations of TO run, does FROM break? `npm run compat -- --from v1 --to v2`, or `make compat FROM=v1
 * TO=v2`. Further flags are those of tools/compat; its exit code is ours.
 */
await verb(async ({ onEnd }) => {
  const from = String(values.from ?? process.env.FROM ?? "v1");
  const to = String(values.to ?? process.env.TO ?? "v2");
  for (const release of [from, to]) await requireRelease(release);
  if (from === to) throw usage("Give two different releases: --from v1 --to v2.");
  await sh`turbo run build --filter=@schema-rollout/blog --output-logs=errors-only`;
  const flags = process.argv.slice(2).filter((flag) => flag === "--json" || flag === "--verbose");
  const config = join(root, "apps/blog/compat.json");
  const play = spawn("compat", ["--from", from, "--to", to, "--config", config, ...flags], {
    stdio: "inherit",
  });
  onEnd(async () => {
    if (play.exitCode === null && play.kill("SIGTERM")) await once(play, "exit");
  });
  const [code] = await once(play, "exit");
  return code ?? 1;
});
