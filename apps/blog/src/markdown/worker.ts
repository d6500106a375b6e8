import { parentPort } from "node:worker_threads";
import { type Rendering, renderings } from "./render.ts";

/** The thread's side: one job at a time, as they come. See thread.ts for the other. */
export interface Job {
  rendering: Rendering;
  texts: readonly string[];
}

export interface Done {
  /** Undefined for a text that cannot be rendered: too deep, or too long when it is HTML. */
  htmls: readonly (string | undefined)[];
}

parentPort?.on("message", ({ rendering, texts }: Job) => {
  const htmls = texts.map((text) => {
    try {
      return renderings[rendering](text);
    } catch {
      // Whatever a parser makes of hostile text, it is this text that cannot be shown as HTML; the page says so.
      return undefined;
    }
  });
  parentPort?.postMessage({ htmls } satisfies Done);
});
// Until now time passed for the start, and not for a job.
parentPort?.postMessage("ready");
