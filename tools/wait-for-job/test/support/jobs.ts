import type { V1Job } from "@kubernetes/client-node";

export type Job = V1Job & { metadata: { name: string; namespace: string; uid: string } };
type Condition = { type: string; status: string; reason?: string; message?: string };

/** A Job as the API server writes it: running, one pod active, unless told otherwise. */
export function job(
  name: string,
  status: V1Job["status"] = { active: 1 },
  { uid = `${name}-uid`, namespace = "default", suspend = false } = {},
): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, uid },
    spec: { suspend, template: {} },
    status,
  };
}

export const withConditions = (...conditions: Condition[]) => ({ conditions }) as V1Job["status"];

export const complete = (name: string, options?: Parameters<typeof job>[2]) =>
  job(name, { succeeded: 1, ...withConditions({ type: "Complete", status: "True" }) }, options);

export const failed = (name: string, reason = "BackoffLimitExceeded", message = "it failed too often") =>
  job(name, { failed: 7, ...withConditions({ type: "Failed", status: "True", reason, message }) });
