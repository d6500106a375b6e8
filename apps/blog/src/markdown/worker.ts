import { getHeapStatistics } from "node:v8";
import { parentPort } from "node:worker_threads";
import { type Rendering, renderings } from "./render.ts";

/** The thread's side: one job at a time, as they come. See thread.ts for the other. */
export interface Job {
  rendering: Rendering;
  texts: readonly string[];
}

/** For each text its HTML, or what the parser made of it instead. */
export type Made = readonly ({ html: string } | { fault: string })[];

export interface Done {
  made: Made;
  /** How much memory the thread has taken for it, and keeps. */
  heapBytes: number;
}

parentPort?.on("message", ({ rendering, texts }: Job) => {
  const made: Made = texts.map((text) => {
    try {
      return { html: renderings[rendering](text) };
    } catch (error) {
      // It is this text that cannot be shown as HTML, and not the ones beside it.
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  });
  const { total_heap_size: heapBytes } = getHeapStatistics();
  parentPort?.postMessage({ made, heapBytes } satisfies Done);
});
// Until now time passed for the start, and not for a job.
parentPort?.postMessage("ready");
