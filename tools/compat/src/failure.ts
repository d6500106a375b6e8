/** Exit codes of compat. */
export const exitCode = {
  /** The running code survives the migration. */
  green: 0,
  /** It does not. */
  red: 1,
  /** Wrong arguments or configuration. */
  usage: 2,
  /** The question could not be put: no PostgreSQL, a release that is not there, or the old one does not even hold on its own schema. */
  noAnswer: 3,
} as const;

/** An error for people: what happened, why, what to do. Printed without a stack. */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code: number, cause?: unknown) {
    super(message, { cause });
    this.name = "Failure";
    this.code = code;
  }
}
