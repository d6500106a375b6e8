import { JOB_FIELDS, type JobView, readJob, record, text } from "../job.ts";
import type { Target } from "./list.ts";
import type { Wanted } from "./slim.ts";

/** What one line of a WATCH means for us. */
export type WatchEvent =
  | { readonly kind: "job"; readonly view: JobView; readonly resourceVersion: string | undefined }
  | { readonly kind: "bookmark"; readonly resourceVersion: string | undefined }
  | { readonly kind: "ignore" }
  /** The stream cannot be followed further; only a new LIST tells what is true. */
  | { readonly kind: "list-again"; readonly reason: string };

/** What is read of one line. An error is a Status, which has a message and a reason. */
export const EVENT_FIELDS: Wanted = {
  type: "all",
  object: { ...JOB_FIELDS, message: "all", reason: "all" },
};

/** Reads one line. `known` is what the Job was before it. */
export function readEvent(line: string, target: Target, known: JobView): WatchEvent {
  let event: Record<string, unknown> | undefined;
  try {
    event = record(JSON.parse(line));
  } catch {
    return { kind: "list-again", reason: "a line of the watch is not JSON" };
  }
  const object = record(event?.object);
  if (event?.type === "ERROR") {
    // 410 arrives here, inside a stream that began with 200.
    const why = text(object?.message) || text(object?.reason) || "no reason given";
    return { kind: "list-again", reason: `the watch ended with an error: ${why}` };
  }
  if (object?.kind !== "Job" || object.apiVersion !== "batch/v1") return { kind: "ignore" };
  const version = record(object.metadata)?.resourceVersion;
  const resourceVersion = typeof version === "string" && version !== "" ? version : undefined;
  if (event?.type === "BOOKMARK") return { kind: "bookmark", resourceVersion };

  const view = readJob(object, target.name, target.namespace);
  if (view === undefined) return { kind: "ignore" };
  const uid = "uid" in view ? view.uid : undefined;
  const knownUid = "uid" in known ? known.uid : undefined;
  switch (event?.type) {
    case "ADDED":
      return knownUid === undefined || knownUid === uid ? { kind: "job", view, resourceVersion } : OTHER_LIFE;
    case "MODIFIED":
      return knownUid === uid ? { kind: "job", view, resourceVersion } : OTHER_LIFE;
    case "DELETED":
      return knownUid === uid ? { kind: "job", view: { kind: "absent" }, resourceVersion } : OTHER_LIFE;
    default:
      return { kind: "ignore" };
  }
}

/** News of a Job with the same name but another uid, out of turn: ask which one is there instead of guessing. */
const OTHER_LIFE: WatchEvent = { kind: "list-again", reason: "another Job of the same name appeared" };
