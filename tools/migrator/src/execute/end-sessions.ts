import type { Session } from "../database/session.ts";
import type { Log } from "../log.ts";

/**
 * Ends sessions that a migration has opened beside the executing one. Before that one is undone: what waits for its locks
 * would otherwise go on, and commit.
 */
export async function endSessions({ aside }: Session, pids: readonly number[], log: Log): Promise<void> {
  if (pids.length === 0) return;
  await aside("SELECT pg_terminate_backend(pid, 1000) FROM unnest($1::int[]) AS pid", [pids]).catch((err) =>
    log.warn({ err }, "could not end the connections that the migration has opened"),
  );
}
