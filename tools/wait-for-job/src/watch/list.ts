import { JOB_FIELDS, type JobView, readJob, record } from "../job.ts";
import type { Timing } from "../timing.ts";
import { type Client, readBody } from "./request.ts";
import { slimmer, type Wanted } from "./slim.ts";

/** One Job, as its path. The role allows exactly this: `resourceNames` matches this field selector. */
export interface Target {
  readonly name: string;
  readonly namespace: string;
}

export const pathOf = ({ name, namespace }: Target, query = "") =>
  `/apis/batch/v1/namespaces/${namespace}/jobs?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}${query}`;

const LIST_FIELDS: Wanted = {
  kind: "all",
  apiVersion: "all",
  metadata: { resourceVersion: "all" },
  items: JOB_FIELDS,
};

/** The answer was not a list of Jobs. */
export class NotAList extends Error {
  override name = "NotAList";
}

/**
 * The Job as it is now, and the version to watch from. No resourceVersion is asked for, so the answer is never
 * older than the question: a cached one could still show a Job that was replaced.
 */
export async function list(
  client: Client,
  target: Target,
  timing: Timing,
  signal: AbortSignal,
): Promise<{ view: JobView; resourceVersion: string }> {
  const response = await client.get(pathOf(target), signal);
  const answer = await readBody(response, timing.answerWithin, slimmer("an answer", LIST_FIELDS));
  const body = record(parse(answer));
  const resourceVersion = record(body?.metadata)?.resourceVersion;
  if (body?.kind !== "JobList" || body.apiVersion !== "batch/v1" || !Array.isArray(body.items)) {
    throw new NotAList("the answer is no list of Jobs; is this a Kubernetes API server?");
  }
  if (typeof resourceVersion !== "string" || resourceVersion === "") {
    throw new NotAList("the list of Jobs has no resourceVersion to watch from");
  }
  const views = body.items
    .map((item) => readJob(item, target.name, target.namespace))
    .filter((view) => view !== undefined);
  if (views.length > 1) throw new NotAList("the list holds two Jobs of this name; one of them is not true");
  return { view: views[0] ?? { kind: "absent" }, resourceVersion };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new NotAList("the answer is not JSON; is this a Kubernetes API server?", { cause });
  }
}
