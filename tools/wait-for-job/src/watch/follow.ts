import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../errors.ts";
import type { JobView } from "../job.ts";
import type { Event, Verb } from "../state.ts";
import type { Timing } from "../timing.ts";
import { backoff } from "./backoff.ts";
import { list, type Target } from "./list.ts";
import { type Client, Refused } from "./request.ts";
import { stream } from "./stream.ts";

/**
 * Tells what becomes of one Job, for as long as nobody aborts: LIST once, WATCH from there, WATCH again from where
 * the server ended it or put it off, and after anything unexpected LIST again, so that nothing is missed.
 */
export async function follow(
  client: Client,
  target: Target,
  timing: Timing,
  emit: (event: Event) => void,
  signal: AbortSignal,
): Promise<void> {
  const { name } = target;
  const seen = (view: JobView) => emit({ type: "job", name, view });
  let known: { view: JobView; resourceVersion: string } | undefined;
  let failures = 0;
  while (!signal.aborted) {
    let verb: Verb = "list";
    let openedAt: number | undefined;
    let retryAfter = 0;
    let cap = timing.backoffCap;
    const lived = () => (openedAt === undefined ? 0 : performance.now() - openedAt);
    try {
      if (known === undefined) {
        known = await list(client, target, timing, signal);
        emit({ type: "heard", name, verb });
        seen(known.view);
      }
      verb = "watch";
      const opened = () => {
        openedAt = performance.now();
        emit({ type: "heard", name, verb });
      };
      known = await stream(client, target, known, timing, { opened, job: seen }, signal);
      failures = lived() >= timing.healthyAfter ? 0 : failures + 1;
    } catch (error) {
      if (signal.aborted) return;
      // Too many requests: the WATCH was not even begun, so the version still holds, and a LIST would be one more.
      if (!(verb === "watch" && error instanceof Refused && error.status === 429)) known = undefined;
      failures = lived() >= timing.healthyAfter ? 1 : failures + 1;
      retryAfter = error instanceof Refused ? error.retryAfter : 0;
      const trouble = troubleOf(verb, error);
      // What is denied is soon final: until then it is tried often enough that a rotated token gets its chance.
      if (trouble.kind === "denied") cap = timing.deniedEvery;
      // A stream that was open and broke for the first time is no news: API servers restart and proxies cut.
      if (openedAt === undefined || failures > 1) emit({ type: "trouble", name, trouble });
    }
    if (failures > 0) await pause(backoff(failures, { ...timing, backoffCap: cap }, retryAfter), signal);
  }
}

function troubleOf(verb: Verb, error: unknown) {
  const status = error instanceof Refused ? error.status : undefined;
  const kind = status === 401 || status === 403 ? ("denied" as const) : ("unreachable" as const);
  return { kind, verb, status, reason: reasonOf(error) };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    // Aborted: the caller's loop sees it. Nothing else is thrown by a timer.
    if (!signal.aborted) throw error;
  }
}
