import type { JobView } from "../job.ts";
import type { Timing } from "../timing.ts";
import { EVENT_FIELDS, readEvent } from "./events.ts";
import { lineSplitter } from "./lines.ts";
import { pathOf, type Target } from "./list.ts";
import type { Client } from "./request.ts";
import { slimmer } from "./slim.ts";

export interface StreamHandlers {
  opened(): void;
  job(view: JobView): void;
}

/** A WATCH that was open and can no longer be trusted; a LIST has to follow. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/**
 * Follows one WATCH until the server ends it in the agreed way, and returns the version to go on from. Everything
 * else (an error event, a cut or silent connection, an impossible line) throws.
 */
export async function stream(
  client: Client,
  target: Target,
  from: { view: JobView; resourceVersion: string },
  timing: Timing,
  handlers: StreamHandlers,
  signal: AbortSignal,
): Promise<{ view: JobView; resourceVersion: string }> {
  const seconds = Math.ceil(timing.watchFor / 1000);
  const query = `&watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(from.resourceVersion)}`;
  const response = await client.get(pathOf(target, query), signal);
  handlers.opened();

  let { view, resourceVersion } = from;
  // Whole lines count, not bytes: what drips is as dead as what is silent.
  const silence = setTimeout(() => {
    response.destroy(new Interrupted(`nothing heard for ${timing.silence / 1000} s`));
  }, timing.silence);
  const push = lineSplitter(slimmer("a line", EVENT_FIELDS), (line) => {
    silence.refresh();
    const event = readEvent(line, target, view);
    if (event.kind === "list-again") throw new Interrupted(event.reason);
    if (event.kind === "ignore") return;
    resourceVersion = event.resourceVersion ?? resourceVersion;
    if (event.kind !== "job") return;
    view = event.view;
    handlers.job(view);
  });

  await new Promise<void>((done, failed) => {
    const settle = (error?: Error) => {
      clearTimeout(silence);
      if (error === undefined) done();
      else failed(error);
    };
    response.on("data", (chunk: Buffer) => {
      try {
        push(chunk);
      } catch (error) {
        response.destroy(error as Error);
        settle(error as Error);
      }
    });
    response.once("end", () => settle());
    response.once("error", (cause) => {
      // Node calls a reset in the middle of a body "aborted", which tells nobody anything.
      settle(cause instanceof Interrupted ? cause : new Interrupted("the connection was cut", { cause }));
    });
    response.once("close", () => settle(new Interrupted("the connection was closed")));
  });
  return { view, resourceVersion };
}
