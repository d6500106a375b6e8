import type { Trial } from "./trial.ts";

/** One kind of trial: tried again, under another name, until as many as wanted fell where they were meant to. */
export interface Kind {
  name: string;
  wanted: number;
  attempt(name: string, lane: number): Promise<Trial>;
}

export interface Limits {
  lanes: number;
  /** False from when on no trial begins any more. */
  goOn(): boolean;
  onTrial(trial: Trial): void;
}

/** Of those that are wanted how many may be tried. */
const patience = 3;

/** Runs several at a time, those first of which most are missing. */
export async function runKinds(kinds: readonly Kind[], { lanes, goOn, onTrial }: Limits): Promise<void> {
  const states = kinds.map((kind) => ({ kind, tried: 0, open: kind.wanted }));
  const lane = async (number: number) => {
    while (goOn()) {
      const [next] = states
        .filter(({ kind, tried, open }) => open > 0 && tried < patience * kind.wanted)
        .sort((a, b) => b.open / b.kind.wanted - a.open / a.kind.wanted);
      if (next === undefined) return;
      next.tried += 1;
      next.open -= 1;
      const trial = await attempt(next.kind, `${next.kind.name}/${next.tried}`, number);
      if (!trial.counted) next.open += 1;
      onTrial(trial);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
}

/** A trial that cannot be carried out to its end proves nothing, and says so. */
async function attempt(kind: Kind, name: string, lane: number): Promise<Trial> {
  const started = performance.now();
  try {
    return await kind.attempt(name, lane);
  } catch (error) {
    const violations = [`the trial broke off: ${(error as Error).stack}`];
    const durationMs = Math.round(performance.now() - started);
    return { name, kind: kind.name, counted: false, violations, durationMs, facts: {} };
  }
}
