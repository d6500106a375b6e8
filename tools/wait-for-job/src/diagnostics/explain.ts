// Loaded only with --diagnostics, and only when a gate has to say that it will not open.
import { reasonOf } from "../errors.ts";
import { record } from "../job.ts";
import { passwordsOf } from "../redact.ts";
import type { JobFacts } from "../state.ts";
import type { Wanted } from "../watch/slim.ts";
import { excerpt, sentence } from "./excerpt.ts";
import { choosePod, POD_FIELDS, type PodFacts } from "./pod.ts";

export interface Explanation {
  /** For the last line; empty when nothing more could be learned. */
  readonly sentence: string;
  /** Why not, for the log. */
  readonly problems: readonly string[];
}

export interface Question {
  /** The body of an answer to this path below the namespace, `fields` of it or all of it as it is; given from outside, so that the gate's start loads one file less. */
  readonly read: (path: string, accept: string, fields?: Wanted) => Promise<string>;
  readonly namespace: string;
  readonly jobs: readonly (readonly [string, JobFacts])[];
  readonly databaseUrl?: string | undefined;
}

const LIST_FIELDS: Wanted = { kind: "all", items: POD_FIELDS };

/** A termination message has room for this many; the command beside it shows the others. */
const MOST_JOBS = 3;
const LOG_BYTES = 16 * 1024;
const LOG_LINES = 10;
/** The kubelet cuts a termination message at 2 KiB (the end of a log) or 4 KiB, and at less where containers are many. */
const LEFT_BYTES = 1024;

/** What the pods of these Jobs, and the logs of those in trouble, say. Never throws. */
export async function explain(question: Question): Promise<Explanation> {
  const { namespace, read } = question;
  const secrets = passwordsOf(question.databaseUrl);
  const problems: string[] = [];
  const sentences = await Promise.all(
    question.jobs.slice(0, MOST_JOBS).map(async ([job, { view, trouble }]) => {
      if (trouble !== undefined || (view.kind !== "running" && view.kind !== "failed")) return "";
      try {
        return await ofJob(job, view.uid);
      } catch (error) {
        problems.push(`The pods of Job ${namespace}/${job} cannot be listed: ${reasonOf(error)}`);
        return "";
      }
    }),
  );
  return { sentence: sentences.filter(Boolean).join(" "), problems };

  async function ofJob(job: string, uid: string): Promise<string> {
    const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${job}`);
    const list = record(
      JSON.parse(await read(`pods?labelSelector=${selector}&limit=100`, "application/json", LIST_FIELDS)),
    );
    if (list?.kind !== "PodList" || !Array.isArray(list.items))
      throw new Error("the answer is no list of pods");
    const pod = choosePod(list.items, uid);
    if (pod === undefined) return `Job ${job} has no pod (any more).`;
    const told = `Pod ${pod.name}: ${sentence(pod.says, secrets)}`;
    const end = await endOfLog(pod);
    return `${told}${end === "" ? "" : `; its log ends: ${end}`}.`;
  }

  async function endOfLog({ name, log, left }: PodFacts): Promise<string> {
    if (log === undefined) return "";
    try {
      const query = `container=${encodeURIComponent(log.container)}&previous=${log.previous}&tailLines=${LOG_LINES}&limitBytes=${LOG_BYTES}`;
      const end = excerpt(
        await read(`pods/${name}/log?${query}`, "application/json, */*"),
        LOG_BYTES,
        secrets,
      );
      if (end !== "") return end;
    } catch (error) {
      problems.push(`The log of pod ${namespace}/${name} cannot be read: ${reasonOf(error)}`);
    }
    // What the container wrote to its termination log, or, by its policy, the end of its log.
    return left === undefined ? "" : excerpt(left, LEFT_BYTES, secrets);
  }
}
