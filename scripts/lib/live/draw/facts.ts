import { duration, number, plural } from "../../report/view/words.ts";
import { lastWord } from "../../rollout/job-log.ts";
import type { JobLife, PodLife } from "../../rollout/timeline.ts";
import { jobStep } from "../model/job-step.ts";
import { livePhases } from "../model/phases.ts";
import { open } from "../model/span.ts";
import { type LiveState, logOf } from "../model/state.ts";
import { oneLine } from "./row.ts";
import { phaseWords, podWords } from "./words.ts";

/** One sentence for each thing that can change, by a name of the thing. Without times, which change all the time. */
export type Facts = ReadonlyMap<string, string>;

export function factsOf(state: LiveState): Facts {
  const facts = new Map<string, string>();
  const { timeline, load, namespace, silentSince } = state;
  for (const pod of timeline.pods.values()) facts.set(`pod ${pod.name}`, podFact(state, pod));
  for (const job of timeline.jobs.values()) facts.set(`job ${job.name}`, jobFact(state, job));
  for (const { name, from, to } of livePhases(state)) {
    const word = phaseWords[name];
    facts.set(
      `phase ${name} ${from}`,
      to === open ? `Phase: ${word}` : `Phase: ${word} took ${duration(to - from)}`,
    );
  }
  for (const { version, failed, firstFailure } of load?.versions ?? []) {
    const who = version || "No release known";
    if (version) facts.set(`serves ${version}`, `${version} answers requests`);
    if (failed > 0)
      facts.set(
        `failed ${version}`,
        `${who}: ${atLeast(failed)} failed, the first: ${oneLine(firstFailure ?? "")}`,
      );
  }
  if (silentSince !== undefined) facts.set("api", "The API server does not answer; still trying");
  if (timeline.pods.size === 0)
    facts.set("nothing", `No blog in namespace ${namespace} yet. make deploy or make demo brings one.`);
  return facts;
}

/** Told when it has doubled: thousands of failures are a dozen lines. */
function atLeast(failed: number): string {
  const told = 2 ** Math.floor(Math.log2(failed));
  return `${told > 1 ? "at least " : ""}${plural(told, "request")}`;
}

/** What is new or different, a line each. */
export const changes = (before: Facts, after: Facts): string[] =>
  [...after].filter(([thing, sentence]) => before.get(thing) !== sentence).map(([, sentence]) => sentence);

function podFact({ gateLines }: LiveState, { name, version, states, waiting }: PodLife): string {
  const state = states.at(-1)?.state ?? "pending";
  const word = state === "gate" ? (gateLines.get(name) ?? waiting) : waiting;
  const why = word && !["ready", "draining", "gone"].includes(state) ? `: ${oneLine(word)}` : "";
  return `Pod ${name} (${version}) ${state === "gate" ? "waits in the gate" : `is ${podWords[state]}`}${why}`;
}

function jobFact(state: LiveState, { name, outcome, message, goneAt }: JobLife): string {
  const log = logOf(state, name);
  if (outcome === "Failed")
    return `Job ${name} failed: ${oneLine(lastWord(log) ?? message ?? "its pods left no word")}`;
  if (outcome === "Complete") return `Job ${name} is done`;
  if (goneAt !== undefined) return `Job ${name} was deleted`;
  const { migration, phase, percent, rowsDone, etaSeconds, says } = jobStep(log);
  const step = migration ? `${migration}${phase ? ` (${phase})` : ""}` : undefined;
  const progress =
    percent === undefined
      ? says
      : [
          `${percent} %`,
          rowsDone !== undefined && `${number(rowsDone)} rows`,
          etaSeconds !== undefined && `about ${etaSeconds} s left`,
        ]
          .filter(Boolean)
          .join(", ");
  return `Job ${name} runs${[step, progress]
    .filter(Boolean)
    .map((text) => `: ${oneLine(String(text))}`)
    .join("")}`;
}
