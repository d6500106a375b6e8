import { findCluster } from "./lib/live/follow/find-cluster.ts";
import { startLive } from "./lib/live/follow/live.ts";
import { rawOutputOf } from "./lib/live/follow/raw-output.ts";
import { show } from "./lib/live/show.ts";
import { theBlog } from "./lib/rollout/service.ts";
import { watchService } from "./lib/rollout/watch.ts";
import { verb } from "./lib/verb.ts";

/** And Ctrl-C, Ctrl-D. */
const endKeys = ["q", "\u0003", "\u0004"];

/** Shows what goes on in NAMESPACE, beside make demo or make deploy, until it is told to end. */
await verb("watch", async ({ onEnd }) => {
  const namespace = process.env.NAMESPACE || "blog";
  const cluster = await findCluster(process.env);
  const watch = await watchService(cluster, namespace, theBlog);
  onEnd(() => watch.stop());
  const { timeline } = watch;
  const live = startLive({ cluster, namespace, timeline, rawFiles: rawOutputOf(namespace) });
  onEnd(() => live.stop());
  const shown = show(live, timeline, `${namespace} on ${cluster.context}`);
  await toldToEnd(() => shown.end());
  return 0;
});

/** Ctrl-C is how one ends watching, and nothing was started that needs a clean-up: not an interruption, but the end. */
async function toldToEnd(end: () => void): Promise<void> {
  process.prependListener("SIGINT", () => {
    end();
    process.exit(0);
  });
  // Whoever reads our lines has had enough.
  process.stdout.on("error", () => process.exit(0));
  const { stdin } = process;
  if (!stdin.isTTY || !process.stdout.isTTY) return new Promise(() => {});
  // As a key of ours Ctrl-C reaches nobody else: make, which waits for us, would report it as a failure.
  stdin.setRawMode(true);
  await new Promise<void>((done) => {
    stdin.on("data", (keys) => endKeys.some((key) => String(keys).includes(key)) && done());
  });
  stdin.setRawMode(false);
  end();
}
