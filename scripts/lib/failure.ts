/** Exit codes of every verb in `scripts/`. */
export const exitCode = {
  /** What the verb promises did not hold (a red verdict, a failed test). */
  promiseBroken: 1,
  /** Wrong arguments or environment. */
  usage: 2,
  /** The machine lacks something: a port, disk, a cluster that answers. */
  environment: 3,
} as const;

/** An error for people: one sentence, perhaps what to do next; printed without a stack. */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, options: { code?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "Failure";
    this.code = options.code ?? exitCode.environment;
  }
}

export const usage = (message: string): Failure => new Failure(message, { code: exitCode.usage });
