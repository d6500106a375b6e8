import { parentPort } from "node:worker_threads";
import { type Rendering, renderings } from "./render.ts";

/** The thread's side: one job at a time, as they come. See thread.ts for the other. */
export interface Job {
  rendering: Rendering;
  texts: readonly string[];
}

/** For each text its HTML, or what the parser made of it instead. */
export type Done = readonly ({ html: string } | { fault: string })[];

parentPort?.on("message", ({ rendering, texts }: Job) => {
  const done: Done = texts.map((text) => {
    try {
      return { html: renderings[rendering](text) };
    } catch (error) {
      // It is this text that cannot be shown as HTML, and not the ones beside it.
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  });
  parentPort?.postMessage(done);
});
// Until now time passed for the start, and not for a job.
parentPort?.postMessage("ready");
