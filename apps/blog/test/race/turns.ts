/** Decides when each statement of several parties runs. */
export interface Turns {
  /** Runs one step of a party when its turn has come. A party has one step under way at a time. */
  step<T>(party: string, work: () => Promise<T>): Promise<T>;
}

export interface Play extends Turns {
  /** This party has no further steps; what is left of its turns is passed over. */
  done(party: string): void;
  /** Gives out the turns. Steps that come after the last one just run. */
  play(): Promise<void>;
}

/** One step at a time, each to its end, in exactly this order. */
export function inOrder(order: readonly string[]): Play {
  const waiting = new Map<string, () => Promise<void>>();
  const finished = new Set<string>();
  let over = false;
  let wake = () => {};
  return {
    step(party, work) {
      if (over) return work();
      return new Promise((resolve, reject) => {
        waiting.set(party, () => work().then(resolve, reject));
        wake();
      });
    },
    done(party) {
      finished.add(party);
      wake();
    },
    async play() {
      for (const party of order) {
        while (!waiting.has(party) && !finished.has(party)) {
          await new Promise<void>((changed) => {
            wake = changed;
          });
        }
        const step = waiting.get(party);
        waiting.delete(party);
        await step?.();
      }
      over = true;
      for (const step of waiting.values()) void step();
    },
  };
}

/** All at once, with a short pause before and after some of the steps. */
export const atRandom: Turns = {
  async step(_, work) {
    await sometimes();
    const result = await work();
    await sometimes();
    return result;
  },
};

const sometimes = async () => {
  if (Math.random() < 0.6) await new Promise((done) => setTimeout(done, Math.random() * 3));
};

/** Every way to merge the steps of two parties, given how many each has. */
export function* mergings(one: string, ones: number, other: string, others: number): Generator<string[]> {
  if (ones === 0 && others === 0) yield [];
  if (ones > 0) for (const rest of mergings(one, ones - 1, other, others)) yield [one, ...rest];
  if (others > 0) for (const rest of mergings(one, ones, other, others - 1)) yield [other, ...rest];
}

/** Some order of these steps. */
export function shuffled(steps: readonly string[]): string[] {
  const order = [...steps];
  for (let left = order.length - 1; left > 0; left--) {
    const at = Math.floor(Math.random() * (left + 1));
    [order[left], order[at]] = [String(order[at]), String(order[left])];
  }
  return order;
}
