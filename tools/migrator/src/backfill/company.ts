import type { MigrationContext } from "../online/context.ts";

/**
 * Whether anybody but migrators uses the server just now, or did within the last second; in any database, since
 * processors and write-ahead log are shared. Sessions that only lie idle, as presence sessions do, do not count. What
 * sessions of other roles do is hidden without pg_read_all_stats: then each of them counts.
 */
export async function hasCompany(query: MigrationContext["aside"]): Promise<boolean> {
  const [row] = await query<{ company: boolean }>(
    `SELECT EXISTS (
       SELECT FROM pg_stat_activity
        WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND application_name <> 'migrator'
          AND coalesce(backend_type = 'client backend', true)
          AND coalesce(state <> 'idle' OR state_change > clock_timestamp() - interval '1 second', true)) AS company`,
  );
  return row?.company ?? true;
}
