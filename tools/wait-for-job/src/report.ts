import type { Options } from "./cli.ts";
import type { EXIT } from "./decide.ts";
import { formatDuration } from "./duration.ts";
import type { JobView } from "./job.ts";
import type { Answer, JobFacts, State, Trouble } from "./state.ts";

/** What the sentences need to know beside the facts. */
export type Asked = Pick<Options, "jobs" | "timeout" | "schema"> & { readonly namespace: string };

/** One sentence for each thing that can change; the gate prints those that did. */
export function describe(state: State, asked: Asked): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const [name, facts] of state.jobs) {
    const sentence = describeJob(facts);
    if (sentence !== undefined) lines.set(`job ${name}`, `Job ${asked.namespace}/${name} ${sentence}`);
  }
  const answer = state.database?.answer;
  if (answer && asked.schema) {
    const trying = answer.kind === "unreachable" ? "; still trying" : "";
    lines.set("database", `Database: ${describeAnswer(answer, asked.schema)}${trying}`);
  }
  return lines;
}

function describeJob({ view, trouble }: JobFacts): string | undefined {
  if (trouble) return `${describeTrouble(trouble)}; still trying`;
  return view.kind === "unheard" ? undefined : describeView(view);
}

function describeTrouble({ kind, verb, reason }: Trouble): string {
  const what = verb === "list" ? "listed" : "watched";
  return kind === "denied" ? `may not be ${what}: ${reason}` : `cannot be ${what}: ${reason}`;
}

function describeView(view: JobView): string {
  switch (view.kind) {
    case "unheard":
      return "has not been seen: the API server has not answered";
    case "absent":
      return "is absent";
    case "suspended":
      return "is suspended";
    case "running":
      return `is not finished: ${view.active} active, ${view.failed} failed`;
    case "complete":
      return "is Complete";
    case "failed":
      return `has Failed${view.reason ? `: ${view.reason}` : ""}${view.message ? ` (${view.message})` : ""}`;
  }
}

function describeAnswer(answer: Answer, { key, level }: { key: string; level: string }): string {
  switch (answer.kind) {
    case "ready":
      return `${key} is recorded, and the floor is not above level ${level}`;
    case "not-recorded":
      return `${key} is not recorded yet`;
    case "no-tables":
      return `the record tables are not there yet (${answer.reason})`;
    case "floor-proposed":
      return `contract ${answer.contract} has proposed floor ${answer.floor}, above level ${level}; it may still be withdrawn`;
    case "floor-final":
      return `contract ${answer.contract} has raised the floor to ${answer.floor}, above level ${level}`;
    case "unreachable":
      return `cannot be asked: ${answer.reason}`;
  }
}

/** The last line: what ended the gate and what to do about it. */
export function conclude(
  why: keyof typeof EXIT,
  job: string | undefined,
  state: State,
  asked: Asked,
): string {
  const { namespace, schema } = asked;
  const answer = state.database?.answer;
  const said = answer && schema ? describeAnswer(answer, schema) : "not asked";
  const jobs = [...state.jobs.keys()].map((name) => `${namespace}/${name}`).join(", ");
  const facts = job === undefined ? undefined : state.jobs.get(job);
  switch (why) {
    case "open":
      return schema ? `Open: ${said}.` : `Open: Job ${jobs} is Complete.`;
    case "job-failed":
      return (
        `Job ${namespace}/${job} ${facts ? describeView(facts.view) : "has Failed"}.` +
        `${schema ? ` Database: ${said}.` : ""} See why: kubectl -n ${namespace} logs job/${job} --all-containers`
      );
    case "timed-out":
      return `Not open after ${formatDuration(asked.timeout)}: ${waitingOn(state, asked)}. See more: kubectl -n ${namespace} describe job ${asked.jobs.join(" ")}`;
    case "denied":
      return denied(namespace, job ?? "", facts?.trouble);
    case "unconfirmed":
      return `Job ${jobs} is Complete, but the database disagrees: ${said}. Is DATABASE_URL the database the Job migrated? If it was emptied or restored since, delete the Job and deploy again.`;
    case "retired":
      return `This release is too old for its database: ${said}. Roll forward to a release at or above that floor; going back needs a database from before the contract.`;
  }
}

function waitingOn(state: State, asked: Asked): string {
  const jobs = [...state.jobs]
    .filter(([, facts]) => facts.view.kind !== "complete" || facts.trouble)
    .map(([name, { view, trouble }]) => {
      const last = trouble && view.kind !== "unheard" ? `; when last seen it ${describeView(view)}` : "";
      return `Job ${asked.namespace}/${name} ${trouble ? describeTrouble(trouble) : describeView(view)}${last}`;
    });
  if (!asked.schema) return jobs.join("; ");
  const answer = state.database?.answer;
  const database = `database: ${answer ? describeAnswer(answer, asked.schema) : "has not answered"}`;
  return [...jobs, database].join("; ");
}

function denied(namespace: string, job: string, trouble: Trouble | undefined): string {
  const reason = trouble?.reason ?? "";
  if (trouble?.status === 401) {
    return `The API server does not accept the token (${reason}). Check that the service account exists and that its token is mounted and not expired.`;
  }
  return (
    `The service account may not ${trouble?.verb ?? "read"} Job ${namespace}/${job} (${reason}). Missing rule, in a Role of namespace ${namespace} bound to it: ` +
    `apiGroups: ["batch"], resources: ["jobs"], resourceNames: ["${job}"], verbs: ["get", "list", "watch"]`
  );
}
