import type { JobFacts } from "../state.ts";

/** What a person runs to see more of the Jobs that were waited for; pods only where there may be some. */
export function showJobs(jobs: readonly (readonly [string, JobFacts])[], namespace: string): string[] {
  const kubectl = `kubectl -n ${namespace}`;
  const names = (...kinds: JobFacts["view"]["kind"][]) =>
    jobs.filter(([, { view }]) => kinds.includes(view.kind)).map(([name]) => name);
  const known = names("running", "suspended", "unheard", "complete");
  const withPods = names("running");
  return [
    ...(known.length > 0 ? [`${kubectl} describe job ${known.join(" ")}`] : []),
    ...(withPods.length > 0 ? [`${kubectl} describe pod -l ${selector(withPods)}`] : []),
    ...(names("absent").length > 0 ? [`${kubectl} get jobs`] : []),
  ];
}

const JOB_NAME = "batch.kubernetes.io/job-name";

/** As a shell takes it. */
const selector = (names: readonly string[]) =>
  names.length === 1 ? `${JOB_NAME}=${names[0]}` : `'${JOB_NAME} in (${names.join(",")})'`;
