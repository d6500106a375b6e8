/** Something the person who wrote the command or the manifest has to change. Exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A sentence for any thrown thing, with the cause Node hides behind an empty message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
