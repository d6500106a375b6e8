import type { Answer } from "../../load/raw.ts";
import { causeOf, type FailureCause, failureCauses } from "../../load/statistics.ts";

export interface Cause extends FailureCause {
  /** First and last of them, ms since the load's start. */
  firstAt: number;
  lastAt: number;
}

/** Every failed request, as columns, so that thousands stay small. */
export interface Failures {
  /** Most frequent first. */
  causes: Cause[];
  at: number[];
  /** How long the request took. */
  ms: number[];
  /** Which of the causes. */
  cause: number[];
  /** How many requests one of the rows stands for: 1, unless there were too many to keep each. */
  each: number;
}

export const mostRows = 10_000;

export function failuresOf(answers: Answer[], most = mostRows): Failures {
  const start = answers[0]?.t ?? 0;
  const failed = answers.filter(({ ok }) => !ok);
  const counted = failureCauses(failed);
  const indexOf = new Map(counted.map(({ what }, index) => [what, index]));
  const causes = counted.map((cause) => {
    const times = failed.filter((answer) => causeOf(answer) === cause.what).map(({ t }) => t - start);
    return { ...cause, firstAt: times[0] ?? 0, lastAt: times.at(-1) ?? 0 };
  });
  const each = Math.max(1, Math.ceil(failed.length / most));
  const kept = failed.filter((_, index) => index % each === 0);
  return {
    causes,
    at: kept.map(({ t }) => t - start),
    ms: kept.map(({ d }) => Math.round(d)),
    cause: kept.map((answer) => indexOf.get(causeOf(answer)) ?? 0),
    each,
  };
}
