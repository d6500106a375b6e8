import { complete, job } from "../test/support/jobs.ts";
import type { Contender } from "./contenders.ts";
import { type Figures, figuresOf, percentile, round } from "./figures.ts";
import { pause, peakOf, run, until } from "./process.ts";
import type { Stage } from "./stage.ts";

export interface Reaction {
  readonly name: Contender["name"];
  readonly what: string;
  readonly runs: number;
  /** From the moment the API server emits Complete to the end of the process, in ms. */
  readonly reactionMs: Figures;
  readonly peakMb: number;
  /** What one of them asks of the API server, until its end. */
  readonly requests: { readonly median: number; readonly max: number };
}

export interface Start {
  readonly bareMs: Figures;
  readonly toFirstWatchMs: Figures;
  readonly ratio: number;
}

interface Sample {
  readonly reaction: number;
  readonly start: number;
  readonly peak: number;
  readonly requests: number;
}

/** All contenders in turn, again and again, so that whatever else the machine does meets all of them. */
export async function measureReactions(stage: Stage, contenders: readonly Contender[], rounds: number) {
  const samples = new Map<Contender, Sample[]>(contenders.map((one) => [one, []]));
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await bareStart());
    for (const [contender, taken] of samples) {
      // Fewer runs than rounds are spread evenly over them.
      if (Math.floor(((round + 1) * contender.runs) / rounds) > taken.length) {
        taken.push(await oneRun(stage, contender, `migrate-${round}-${contenders.indexOf(contender)}`));
      }
    }
  }
  const reactions = [...samples].map(([contender, taken]) => summary(contender, taken));
  const [ours] = samples.values();
  return { reactions, start: startOf(bare, ours ?? []) };
}

async function bareStart(): Promise<number> {
  const began = performance.now();
  const { at } = await run(process.execPath, ["-e", "0"]).ended;
  return at - began;
}

async function oneRun(stage: Stage, contender: Contender, name: string): Promise<Sample> {
  const { api } = stage;
  api.apply(job(name));
  const before = stage.requests();
  let watchedAt = Number.NaN;
  api.intercept(({ verb }) => {
    if (verb === "watch" && Number.isNaN(watchedAt)) watchedAt = performance.now();
    return false;
  });
  const began = performance.now();
  const running = contender.start(name);
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, peakOf(running.pid));
  };
  const resting = () => contender.resting(running, stage.requests() - before, api.openWatches());
  await until("it was waiting", resting, running);
  const [least, most] = contender.restFor;
  const rest = least + Math.random() * (most - least);
  for (const until = performance.now() + rest; performance.now() < until; await pause(10)) look();
  await contender.beforeComplete?.();
  look();
  const emitted = performance.now();
  api.apply(complete(name));
  // What runs only for a moment every now and then is looked at then, too.
  const looking = contender.name === "shell loop" ? setInterval(look, 5) : undefined;
  const { code, at } = await running.ended;
  clearInterval(looking);
  if (code !== 0) throw new Error(`${contender.name} ended with ${code}: ${running.output()}`);
  await contender.afterwards?.();
  return { reaction: at - emitted, start: watchedAt - began, peak, requests: stage.requests() - before };
}

function summary({ name, what, runs }: Contender, taken: readonly Sample[]): Reaction {
  const of = (key: keyof Sample) => taken.map((sample) => sample[key]);
  return {
    name,
    what,
    runs,
    reactionMs: figuresOf(of("reaction")),
    peakMb: round(Math.max(...of("peak"))),
    requests: { median: percentile(of("requests"), 50), max: Math.max(...of("requests")) },
  };
}

function startOf(bare: readonly number[], ours: readonly Sample[]): Start {
  const [bareMs, toFirstWatchMs] = [figuresOf(bare), figuresOf(ours.map(({ start }) => start))];
  return { bareMs, toFirstWatchMs, ratio: round(toFirstWatchMs.median / bareMs.median, 2) };
}
