import type { End } from "../decide.ts";
import { reasonOf } from "../errors.ts";
import { waitedFor } from "../report/conclude.ts";
import type { JobFacts, State } from "../state.ts";
import type { Question } from "./explain.ts";

/**
 * What the pods add to the last line, empty when they add nothing. Whatever becomes of it, the gate ends as it was
 * decided: nothing is thrown, and where it opens nothing is asked.
 */
export async function explainEnd(
  end: End,
  state: State,
  from: Omit<Question, "jobs"> & { readonly print: (line: string) => void },
): Promise<string> {
  const jobs = concerned(end, state);
  if (jobs.length === 0) return "";
  try {
    const { explain } = await import("./explain.ts");
    const { sentence, problems } = await explain({ ...from, jobs });
    for (const problem of problems) from.print(problem);
    return sentence === "" ? "" : ` ${sentence}`;
  } catch (error) {
    from.print(`Diagnostics failed: ${reasonOf(error)}`);
    return "";
  }
}

function concerned({ why, job }: End, state: State): [string, JobFacts][] {
  if (why === "job-failed") return [...state.jobs].filter(([name]) => name === job);
  return why === "timed-out" ? waitedFor(state) : [];
}
