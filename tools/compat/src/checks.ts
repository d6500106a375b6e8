export type Outcome = "green" | "red";

export interface Check {
  name: string;
  outcome: Outcome;
  ms: number;
  /** Why it is red, in a line. */
  why?: string;
  /** More of it. */
  detail?: string;
}

/** A check that is red: why, in a line, and what else there is to read. */
export class Red extends Error {
  readonly detail: string | undefined;

  constructor(why: string, detail?: string) {
    super(why);
    this.detail = detail;
  }
}

export interface Checks {
  readonly all: readonly Check[];
  /** Runs one check and tells whether it held; other errors than Red are faults of the run and pass through. */
  run(name: string, work: () => Promise<unknown>): Promise<boolean>;
}

export function createChecks(onCheck: (check: Check) => void): Checks {
  const all: Check[] = [];
  const add = (check: Check) => {
    all.push(check);
    onCheck(check);
  };
  return {
    all,
    async run(name, work) {
      const started = performance.now();
      const took = () => Math.round(performance.now() - started);
      try {
        await work();
        add({ name, outcome: "green", ms: took() });
        return true;
      } catch (error) {
        if (!(error instanceof Red)) throw error;
        const { message: why, detail } = error;
        add({ name, outcome: "red", ms: took(), why, ...(detail && { detail }) });
        return false;
      }
    },
  };
}

export const isGreen = (checks: readonly Check[]): boolean =>
  checks.every(({ outcome }) => outcome === "green");
