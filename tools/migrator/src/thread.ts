import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { Output } from "./output.ts";

/**
 * Code that is not ours (migrations, commands) may loop for ever, end the process or exhaust memory. It runs in a thread
 * of its own, so that the main thread can always take a signal and say how it ended (see supervise.ts). A thread costs
 * 40 ms and 13 MB: a run that finds nothing to do never starts one.
 */
const supervised = !isMainThread && (workerData as Started | null)?.migrator === true;

/** What the thread is started with. */
export interface Started {
  migrator: true;
  /** Whether a person watches: stderr of a thread is never a terminal. */
  terminal: boolean;
}

/** What the thread tells; how it ended, all at once: the main thread may be about to say that it did not end. */
export type Told = ({ exitCode: number } & Output) | { alive: true } | { idleBudgetMs: number };

/** Thrown where code that is not ours comes next: the command starts over in the thread. */
export class NeedsThread extends Error {
  readonly stdin: boolean;

  constructor(stdin: boolean) {
    super("needs a thread");
    this.stdin = stdin;
  }
}

/** `stdin`: what runs there may read what this process is given. Else nobody touches it, as in the background of a terminal. */
export function inThread({ stdin = false } = {}): void {
  if (isMainThread) throw new NeedsThread(stdin);
}

export const supervisor = supervised ? parentPort : null;

export const onTerminal = () =>
  supervised ? (workerData as Started).terminal : process.stderr.isTTY === true;

export const tell = (told: Told) => supervisor?.postMessage(told);

/** For as long as nothing keeps the thread busy. */
export function showLife(): void {
  setInterval(() => tell({ alive: true }), 1_000).unref();
}
