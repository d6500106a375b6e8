import { codeOf } from "../classify.ts";
import type { Session } from "../database/session.ts";
import { localPorts } from "../database/sockets.ts";
import { fail, type Run } from "../database/traffic.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { ignoreFurtherFaults } from "../faults.ts";
import type { Log } from "../log.ts";

interface Waiter {
  pid: number;
  relation: string | null;
}

/**
 * Runs a migration's code and looks meanwhile whether a connection it has opened itself waits for the one that executes it.
 * That one waits for the migration, and so for the other: PostgreSQL sees no circle, because one link of it is ours.
 */
export async function noSelfDeadlock<T>(
  session: Session,
  { run, everyMs, log }: { run: Run; everyMs: number; log: Log },
  work: () => Promise<T>,
): Promise<T> {
  const { traffic, pid } = session;
  const { name } = run;
  const { promise: found, reject } = Promise.withResolvers<never>();
  let seen: Waiter | undefined;
  let sure = false;
  let restedAt = -1;
  let looking = false;
  const look = async () => {
    const before = traffic.sent(pid);
    if (before.busy) return;
    const waiters = await waitersFor(session);
    const [waiter] = waiters;
    if (waiter === undefined) return;
    // Twice, with nothing sent in between: it is not about to go on.
    const again =
      seen?.pid === waiter.pid && restedAt === before.count && traffic.sent(pid).count === before.count;
    seen = waiter;
    restedAt = before.count;
    if (!again) return;
    sure = true;
    reject(selfDeadlock(name, waiter));
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((err) => log.debug({ err }, "could not look for a connection that waits for us"))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  try {
    return await Promise.race([work(), found]);
  } catch (error) {
    const ours = seen !== undefined && (sure || codeOf(error) === "55P03");
    if (ours) ignoreFurtherFaults();
    fail(run);
    if (seen !== undefined || traffic.opened(run).length > 0) await endOthers(session, run, log);
    throw ours ? selfDeadlock(name, seen as Waiter, error) : error;
  } finally {
    clearInterval(timer);
  }
}

/** What has failed leaves none of its other connections at work: they would go on, and commit, once it is undone. */
async function endOthers(session: Session, run: Run, log: Log): Promise<void> {
  if (session.lost() !== undefined) return;
  try {
    const waiters = await waitersFor(session);
    const pids = [...new Set([...waiters.map(({ pid }) => pid), ...session.traffic.opened(run)])];
    if (pids.length > 0)
      await session.aside("SELECT pg_terminate_backend(pid, 1000) FROM unnest($1::int[]) AS pid", [pids]);
  } catch (err) {
    log.warn({ err }, "could not end the other connections of the migration");
  }
}

/** Sessions of this process that wait for a lock of the executing one: known by their number, or by their socket. */
const waitersFor = ({ aside, pid, traffic }: Session) =>
  aside<Waiter>(
    `SELECT l.pid, l.relation::regclass::text AS relation
       FROM pg_locks l
       LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       LEFT JOIN pg_stat_activity e ON e.pid = $1
      WHERE NOT l.granted AND l.pid <> $1 AND $1 = ANY (pg_blocking_pids(l.pid))
        AND (l.pid = ANY ($2::int[])
             OR (a.client_port = ANY ($3::int[]) AND a.client_addr IS NOT DISTINCT FROM e.client_addr))
      ORDER BY l.pid`,
    [pid, traffic.pids(), localPorts()],
  );

const selfDeadlock = (name: string, { relation }: Waiter, cause?: unknown) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `${name} waits for itself: a second connection that it opened waits for a lock${relation === null ? "" : ` on ${relation}`} that its first one holds, and that one goes on only when the second has ended.`,
    {
      next: "Send every statement through the queryRunner that it is given, queryRunner.manager included: no other connection sees what the transaction has not committed.",
      facts: { migration: name },
      cause,
    },
  );
