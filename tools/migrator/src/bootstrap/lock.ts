import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Log } from "../log.ts";

interface Holder {
  pid: number;
  applicationName: string | null;
  user: string | null;
  address: string | null;
  since: Date | null;
}

/** Takes the lock of a bootstrap for as long as the session lasts, or says who had it until the end of the wait. */
export async function lockBootstrap(
  client: pg.Client,
  { waitMs, log }: { waitMs: number; log: Log },
): Promise<void> {
  const started = performance.now();
  let announced = false;
  while (!(await tryLock(client))) {
    const holder = await holderOf(client);
    const leftMs = waitMs - (performance.now() - started);
    if (leftMs <= 0) throw outlasted(holder, waitMs);
    if (!announced)
      log.info({ holder, waitMs: Math.round(waitMs) }, "another bootstrap holds the lock; waiting");
    announced = true;
    await sleep(Math.min(100 + Math.random() * 200, leftMs));
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('schema-rollout/bootstrap')) AS locked",
  );
  return rows[0]?.locked === true;
}

// A key of one bigint: its halves are shown apart.
async function holderOf(client: pg.Client): Promise<Holder | undefined> {
  const { rows } = await client.query<Holder>(
    `SELECT l.pid, a.application_name AS "applicationName", a.usename AS user, host(a.client_addr) AS address,
            a.backend_start AS since
       FROM (SELECT hashtext('schema-rollout/bootstrap')::bigint AS key) AS ours
       JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.objid::bigint = (key & 4294967295) AND l.classid::bigint = ((key >> 32) & 4294967295)
       LEFT JOIN pg_stat_activity a ON a.pid = l.pid`,
  );
  return rows[0];
}

function outlasted(holder: Holder | undefined, waitMs: number): MigratorError {
  const facts = [
    holder?.applicationName,
    holder?.user && `user ${holder.user}`,
    holder?.address && `from ${holder.address}`,
  ];
  const who = holder
    ? `pid ${holder.pid} (${facts.filter(Boolean).join(", ") || "unnamed"})`
    : "another session";
  return new MigratorError(
    ExitCode.LockHeld,
    `After ${Math.round(waitMs / 100) / 10} s ${who} still holds the lock of a bootstrap.`,
    {
      next: holder
        ? `Wait for it to finish and run again, or raise --wait. If nothing is behind it any more: SELECT pg_terminate_backend(${holder.pid}).`
        : "Run again, or raise --wait.",
      facts: { holder },
    },
  );
}
