import type { MigrationContext } from "../online/context.ts";

/** How far the replica that is furthest behind is, in what it has replayed. Both 0 where there is none. */
export interface Lag {
  ms: number;
  bytes: number;
}

/**
 * Physical replicas only: a subscriber of logical changes serves no reads. The time stands still while replay is
 * paused, the bytes do not; so both count, and what a batch has written but the server not yet flushed is counted as well. Hidden from a role without pg_read_all_stats.
 */
export async function readLag(query: MigrationContext["aside"]): Promise<Lag> {
  const [row] = await query<Lag>(
    `SELECT coalesce(max(extract(epoch FROM r.replay_lag) * 1000), 0)::float8 AS ms,
            coalesce(max(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), r.replay_lsn)), 0)::float8 AS bytes
       FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
      WHERE s.slot_type IS DISTINCT FROM 'logical'`,
  );
  return row ?? { ms: 0, bytes: 0 };
}
