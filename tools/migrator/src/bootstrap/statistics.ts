import type pg from "pg";
import { codeOf } from "../classify.ts";
import type { DatabaseTarget } from "../database/url.ts";
import type { Log } from "../log.ts";
import { quote } from "../record/tables.ts";

/**
 * Lets the migrator see which sessions hold locks and which releases are alive. An administrator of a managed server may
 * only be able to give the wider pg_monitor, or neither.
 */
export async function grantStatistics(client: pg.Client, { user }: DatabaseTarget, log: Log): Promise<void> {
  const { rows } = await client.query<{ has: boolean }>(
    "SELECT pg_has_role($1::name, 'pg_read_all_stats', 'USAGE') AS has",
    [user],
  );
  if (rows[0]?.has) return;
  for (const role of ["pg_read_all_stats", "pg_monitor"]) {
    if (await granted(client, `GRANT ${role} TO ${quote(user)}`)) return;
  }
  log.warn(
    { role: user },
    `neither pg_read_all_stats nor pg_monitor could be given to ${user}: it sees names and roles of other sessions, not from where and since when they are, nor whether one is a background worker, so gates of contracts wait for those, too; and it names who holds a lock without saying what they do`,
  );
}

async function granted(client: pg.Client, statement: string): Promise<boolean> {
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    if (codeOf(error) === "42501") return false;
    throw error;
  }
}
