import type { EXIT } from "../decide.ts";
import { formatDuration } from "../duration.ts";
import type { JobFacts, State, Trouble } from "../state.ts";
import { showJobs } from "./commands.ts";
import { type Asked, describeAnswer, describeTrouble, describeView } from "./describe.ts";

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
  const are = state.jobs.size > 1 ? `Jobs ${jobs} are` : `Job ${jobs} is`;
  const facts = job === undefined ? undefined : state.jobs.get(job);
  switch (why) {
    case "open":
      return schema ? `Open: ${said}.` : `Open: ${are} Complete.`;
    case "job-failed":
      return (
        `Job ${namespace}/${job} ${facts ? describeView(facts.view) : "has Failed"}.` +
        `${schema ? ` Database: ${said}.` : ""} See why: kubectl -n ${namespace} logs job/${job} --all-containers`
      );
    case "timed-out":
      return timedOut(state, asked);
    case "denied":
      return denied(namespace, job ?? "", facts?.trouble);
    case "unconfirmed":
      return `${are} Complete, but the database disagrees: ${said}. Is DATABASE_URL the database the Job migrated? If it was emptied or restored since, delete the Job and deploy again.`;
    case "retired":
      return `This release is too old for its database: ${said}. Roll forward to a release at or above that floor; going back needs a database from before the contract.`;
  }
}

function timedOut(state: State, asked: Asked): string {
  const waiting = waitedFor(state);
  const told = waiting.map(([name, facts]) => `Job ${asked.namespace}/${name} ${whatIsKnown(facts)}`);
  const answer = state.database?.answer;
  if (asked.schema) {
    told.push(`database: ${answer ? describeAnswer(answer, asked.schema) : "has not answered"}`);
  }
  const commands = showJobs(waiting, asked.namespace);
  const more = commands.length === 0 ? "" : ` See more: ${commands.join("; ")}`;
  return `Not open after ${formatDuration(asked.timeout)}: ${told.join("; ")}.${more}`;
}

/** The Jobs the gate was still waiting for. */
export const waitedFor = (state: State) =>
  [...state.jobs].filter(([, facts]) => facts.view.kind !== "complete" || facts.trouble);

function whatIsKnown({ view, trouble }: JobFacts): string {
  if (trouble) {
    const last = view.kind === "unheard" ? "" : `; when last seen it ${describeView(view)}`;
    return `${describeTrouble(trouble)}${last}`;
  }
  return `${describeView(view)}${hint(view)}`;
}

/** What the Job's own status lets one conclude; its pods are not read, that is what --diagnostics is for. */
function hint(view: JobFacts["view"]): string {
  if (view.kind === "suspended") return ", so it starts no pod until it is resumed";
  if (view.kind !== "running") return "";
  if (view.active === 0) return ", so no pod of it runs";
  return view.ready === 0
    ? ", but no pod of it is ready (image not pulled, not scheduled, not started?)"
    : "";
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
