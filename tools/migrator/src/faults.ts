import { setTimeout as sleep } from "node:timers/promises";

/**
 * Errors that nobody waits for: a rejection without a handler, a throw in a timer, a statement that a migration sent after
 * it had ended. Node would print them with all they hold and end the process with a code of its own; here the first one is
 * the failure of what is running.
 */
let first: { error: unknown } | undefined;
const { promise, reject } = Promise.withResolvers<never>();
promise.catch(() => undefined);

let known = false;

/** What has failed is known, and final: what else comes of it is no news. */
export function ignoreFurtherFaults(): void {
  known = true;
}

export function raise(error: unknown): void {
  if (known) return;
  first ??= { error };
  reject(error);
}

/** Rejects with the first one. */
export const fault: Promise<never> = promise;

export const firstFault = () => first;

/** For code that is not ours: whatever it leaves behind is caught from here on. */
export function catchFaults(): void {
  process.on("uncaughtException", raise);
  process.on("unhandledRejection", raise);
}

/** Lets events that are due now happen: a rejection counts as unhandled only once the event loop has turned. */
export const turn = () => new Promise<void>((done) => setImmediate(done));

/** Whoever runs a migration tells of it with its name, undoes it, and closes the session; this is for everything else. */
export const faultOutside = () => fault.catch((error) => sleep(2_500).then(() => Promise.reject(error)));
