import { Worker } from "node:worker_threads";
import type { Done, Job, Made } from "./worker.ts";
import { workerFile } from "./worker-file.ts";

export interface Limits {
  /** How long one job may run. The thread is then ended, whatever it is doing, and the next job gets a new one. */
  runMs: number;
  /** How long a thread may take to start. */
  startMs: number;
  /** How long a job may wait for its turn. */
  waitMs: number;
  /** How many jobs may wait. */
  waiting: number;
}

/** A thread that has taken more gives it back by being replaced: what it is after a usual post is half of this. */
const largestHeap = 24 * 1024 * 1024;

/** What was made, or why nothing was: stopped at its limit, or never begun because others were in front. */
type Result = Made | "stopped" | "crowded";

/**
 * Rendering, beside the event loop: one thread, one job at a time, so that no text can hold up what others ask. It has
 * little memory of its own, and a job that uses it up ends the thread, not the process.
 *
 * @param onFault told why a job was stopped
 */
export function createThread(limits: Limits, onFault: (error: Error) => void) {
  const queue: { job: Job; done: (result: Result) => void; late: NodeJS.Timeout }[] = [];
  let thread: { worker: Worker; ready: Promise<unknown> } | undefined;
  let busy = false;

  function start() {
    const worker = new Worker(workerFile, {
      resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4 },
      // The environment, with the database's password, is none of its business.
      env: {},
    });
    worker.on("error", onFault);
    worker.once("exit", () => {
      thread = undefined;
    });
    // A process with nothing else to do may end.
    worker.unref();
    return { worker, ready: reply(worker, limits.startMs) };
  }

  /** What the thread says next; undefined when it ended, or was ended because it said nothing in time. */
  function reply(worker: Worker, withinMs: number): Promise<unknown> {
    return new Promise((resolve) => {
      const end = (message?: unknown) => {
        clearTimeout(limit);
        worker.off("message", end).off("exit", gone);
        resolve(message);
      };
      const gone = () => end();
      const limit = setTimeout(() => {
        onFault(new Error(`stopped after ${withinMs} ms`));
        // An answer that comes after all would let the next job begin in a thread that is ending.
        worker.off("message", end);
        void worker.terminate().then(gone);
      }, withinMs);
      worker.on("message", end).on("exit", gone);
    });
  }

  async function perform(job: Job): Promise<Result> {
    thread ??= start();
    const { worker, ready } = thread;
    if (!(await ready)) return "stopped";
    worker.postMessage(job);
    const done = (await reply(worker, limits.runMs)) as Done | undefined;
    if (!done) return "stopped";
    if (done.heapBytes > largestHeap) await worker.terminate();
    return done.made;
  }

  /** The system may have no thread to give; the next job asks again. */
  function noThread(error: unknown): "stopped" {
    onFault(error instanceof Error ? error : new Error(String(error)));
    return "stopped";
  }

  async function takeNext(): Promise<void> {
    if (busy) return;
    const next = queue.shift();
    if (!next) return;
    clearTimeout(next.late);
    busy = true;
    next.done(await perform(next.job).catch(noThread));
    busy = false;
    void takeNext();
  }

  return {
    /** Never rejects. */
    run: (job: Job): Promise<Result> =>
      new Promise((done) => {
        if (queue.length >= limits.waiting) return done("crowded");
        const late = setTimeout(() => {
          queue.splice(queue.indexOf(entry), 1);
          done("crowded");
        }, limits.waitMs);
        const entry = { job, done, late };
        queue.push(entry);
        void takeNext();
      }),
    /** Starts the thread before the first job comes. */
    warm(): void {
      try {
        thread ??= start();
      } catch (error) {
        noThread(error);
      }
    },
    async close(): Promise<void> {
      await thread?.worker.terminate();
    },
  };
}
