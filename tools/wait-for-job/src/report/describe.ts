import type { Options } from "../cli.ts";
import type { JobView } from "../job.ts";
import type { Answer, JobFacts, State, Trouble } from "../state.ts";

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

export function describeTrouble({ kind, verb, reason }: Trouble): string {
  const what = verb === "list" ? "listed" : "watched";
  return kind === "denied" ? `may not be ${what}: ${reason}` : `cannot be ${what}: ${reason}`;
}

export function describeView(view: JobView): string {
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

export function describeAnswer(answer: Answer, { key, level }: { key: string; level: string }): string {
  switch (answer.kind) {
    case "ready":
      return `${key} is recorded, and the floor is not above level ${level}`;
    case "not-recorded":
      return `${key} is not recorded yet`;
    case "no-tables":
      return answer.found ?? `the record tables are not there yet (${answer.reason})`;
    case "floor-proposed":
      return `contract ${answer.contract} has proposed floor ${answer.floor}, above level ${level}; it may still be withdrawn`;
    case "floor-final":
      return `contract ${answer.contract} has raised the floor to ${answer.floor}, above level ${level}`;
    case "unreachable":
      return `cannot be asked: ${answer.reason}`;
  }
}
