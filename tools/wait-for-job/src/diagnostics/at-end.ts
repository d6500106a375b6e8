import type { End } from "../decide.ts";
import { reasonOf } from "../errors.ts";
import { waitedFor } from "../report/conclude.ts";
import type { JobFacts, State } from "../state.ts";
import type { Timing } from "../timing.ts";
import { gatherer } from "../watch/gather.ts";
import { type Client, Refused, readBody } from "../watch/request.ts";
import { slimmer, type Wanted } from "../watch/slim.ts";

interface Sources {
  readonly client: Client;
  readonly namespace: string;
  readonly databaseUrl?: string | undefined;
  readonly timing: Pick<Timing, "diagnoseWithin">;
  readonly print: (line: string) => void;
}

/**
 * What the pods add to the last line, empty when they add nothing. Whatever becomes of it, the gate ends as it was
 * decided: nothing is thrown, it takes `diagnoseWithin` at most, and where the gate opens nothing is asked.
 */
export async function explainEnd(end: End, state: State, sources: Sources): Promise<string> {
  const jobs = concerned(end, state);
  if (jobs.length === 0) return "";
  try {
    const { explain } = await import("./explain.ts");
    const { sentence, problems } = await explain({ ...sources, jobs, read: reader(sources) });
    for (const problem of problems) sources.print(problem);
    return sentence === "" ? "" : ` ${sentence}`;
  } catch (error) {
    sources.print(`Diagnostics failed: ${reasonOf(error)}`);
    return "";
  }
}

function concerned({ why, job }: End, state: State): [string, JobFacts][] {
  if (why === "job-failed") return [...state.jobs].filter(([name]) => name === job);
  return why === "timed-out" ? waitedFor(state) : [];
}

/** A hundred pods whose containers have all left long messages. */
const MOST_OF_PODS = 1024 * 1024;
/** A log is asked for by its size; this much more of one is looked through for its end. */
const MOST_OF_LOG = 1024 * 1024;

/** All that is asked together has to be answered in time. */
function reader({ client, namespace, timing: { diagnoseWithin } }: Sources) {
  const signal = AbortSignal.timeout(diagnoseWithin);
  return async (path: string, accept: string, fields?: Wanted): Promise<string> => {
    const what = "an answer";
    const body = fields ? slimmer(what, fields, { mostKept: MOST_OF_PODS }) : gatherer(what, MOST_OF_LOG);
    try {
      const response = await client.get(`/api/v1/namespaces/${namespace}/${path}`, signal, accept);
      return await readBody(response, diagnoseWithin, body);
    } catch (error) {
      if (signal.aborted) throw new Error(`no answer within ${diagnoseWithin / 1000} s`);
      if (error instanceof Refused && error.status === 403) {
        throw new Error(`${error.message} (--diagnostics needs get and list of pods, and get of pods/log)`);
      }
      throw error;
    }
  };
}
