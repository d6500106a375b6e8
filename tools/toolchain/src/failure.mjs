/**
 * A fault a person can act on: one sentence that says what happened and what to do.
 * `exitCode` is what a command line should leave with.
 */
export class ToolchainError extends Error {
  /**
   * @param {string} message
   * @param {{ cause?: unknown, exitCode?: number }} [options]
   */
  constructor(message, options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ToolchainError";
    this.exitCode = options.exitCode ?? 1;
  }
}

/** A downloaded file is not the one that was pinned. Never worked around: no other source is tried. */
export class ChecksumError extends ToolchainError {
  /** @param {string} message */
  constructor(message) {
    super(message, { exitCode: 1 });
    this.name = "ChecksumError";
  }
}

/**
 * Turns "no space left", from the file system or in what a child process printed, into one sentence.
 * @param {unknown} error
 * @param {string} folder where the space is missing
 * @returns {unknown} the same error when the disk is not the reason
 */
export function explainDisk(error, folder) {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const text = error instanceof Error ? error.message : String(error);
  const full =
    code === "ENOSPC" || code === "EDQUOT" || /no space left on device|disk quota exceeded/i.test(text);
  if (!full) return error;
  return new ToolchainError(
    `The disk that holds ${folder} is full: free some space there and run the same command again; nothing half-made was kept.`,
    { cause: error, exitCode: 1 },
  );
}
