import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import { type KubeConfig, Log } from "@kubernetes/client-node";

export interface LogSource {
  namespace: string;
  pod: string;
  container: string;
  /** How many lines of what there is already. */
  tailLines: number;
}

/**
 * Follows the log of one container, which costs nothing while it says nothing. `ended` is called once, whether the
 * container ended, the connection was cut or there was no log; the function returned ends it early.
 */
export function streamLog(
  config: KubeConfig,
  { namespace, pod, container, tailLines }: LogSource,
  { line, ended }: { line(text: string): void; ended(): void },
): () => void {
  const lines = new PassThrough();
  let stop = (): void => void lines.end();
  // A cut connection is an error of what is piped in here, which nobody else listens to.
  lines.on("pipe", (source: Readable) => source.on("error", () => lines.end()));
  // Stopped before the answer came, which then has nowhere to go.
  lines.on("error", () => {});
  createInterface({ input: lines }).on("line", line).on("close", ended);
  let stopped = false;
  new Log(config)
    .log(namespace, pod, container, lines, { follow: true, tailLines })
    .then((request) => {
      stop = () => request.abort();
      if (stopped) stop();
    })
    .catch(() => lines.end());
  return () => {
    stopped = true;
    stop();
  };
}
