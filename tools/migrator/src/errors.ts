import type { ExitCode } from "./exit-codes.ts";

export interface ErrorFacts {
  /** The migration that was being worked on. */
  migration?: string;
  /** SQLSTATE or the system's error code. */
  code?: string;
  /** The statement that failed, shortened. */
  sql?: string;
  [fact: string]: unknown;
}

/** An error for people: what happened and why is the message, what to do next is `next`. */
export class MigratorError extends Error {
  readonly exitCode: ExitCode;
  readonly next: string | undefined;
  readonly facts: ErrorFacts;

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { next?: string; facts?: ErrorFacts; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "MigratorError";
    this.exitCode = exitCode;
    this.next = options.next;
    this.facts = options.facts ?? {};
  }
}
