import type { Wanted } from "./watch/slim.ts";

/** What is known of one Job. `unheard` until the API server has answered once. */
export type JobView =
  | { readonly kind: "unheard" }
  | { readonly kind: "absent" }
  | { readonly kind: "suspended"; readonly uid: string }
  | {
      readonly kind: "running";
      readonly uid: string;
      readonly active: number;
      readonly failed: number;
      /** Undefined where the API server does not tell. */
      readonly ready?: number | undefined;
    }
  | { readonly kind: "complete"; readonly uid: string }
  | { readonly kind: "failed"; readonly uid: string; readonly reason: string; readonly message: string };

/** What is read of a Job, where and as whatever it arrives. */
export const JOB_FIELDS = {
  kind: "all",
  apiVersion: "all",
  metadata: { name: "all", namespace: "all", uid: "all", resourceVersion: "all" },
  spec: { suspend: "all" },
  status: {
    conditions: { type: "all", status: "all", reason: "all", message: "all" },
    active: "all",
    failed: "all",
    ready: "all",
  },
} as const satisfies Wanted;

/** The same Job, as far as a reader of the log cares. */
export function sameView(a: JobView, b: JobView): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Reads a Job as it came over the wire, or undefined when this is not the Job of that name: nothing that arrives is
 * trusted to be what was asked for. Only conditions end a Job. `.status.succeeded` counts pods, and reaches 1 while
 * a Job may still fail or need more completions.
 */
export function readJob(value: unknown, name: string, namespace: string): JobView | undefined {
  const metadata = record(record(value)?.metadata);
  const uid = metadata?.uid;
  if (metadata?.name !== name || metadata.namespace !== namespace) return undefined;
  if (typeof uid !== "string" || uid === "") return undefined;
  const status = record(record(value)?.status);
  const conditions = Array.isArray(status?.conditions) ? status.conditions.map(record) : [];

  const failed = conditions.find((one) => one?.type === "Failed" && one.status === "True");
  if (failed) return { kind: "failed", uid, reason: text(failed.reason), message: text(failed.message) };

  // All of them: a list that says Complete both True and False is no reason to open.
  const complete = conditions.filter((one) => one?.type === "Complete");
  if (complete.length > 0 && complete.every((one) => one?.status === "True"))
    return { kind: "complete", uid };

  const suspended = conditions.some((one) => one?.type === "Suspended" && one.status === "True");
  const spec = record(record(value)?.spec);
  if (suspended || spec?.suspend === true) return { kind: "suspended", uid };
  const [active, failures] = [count(status?.active), count(status?.failed)];
  const ready = status?.ready === undefined ? undefined : count(status.ready);
  return { kind: "running", uid, active, failed: failures, ready };
}

export function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Longest piece of foreign text in a line of ours, which ends in a log and in the pod's termination message. */
const LONGEST_TEXT = 1000;

/** One printable line, bounded. */
export const text = (value: unknown): string => oneLine(value).slice(0, LONGEST_TEXT).toWellFormed();

/** One printable line, as long as it is. */
export function oneLine(value: unknown): string {
  return typeof value === "string" ? value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim() : "";
}

const count = (value: unknown) => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0);
