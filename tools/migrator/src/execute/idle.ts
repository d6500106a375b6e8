import type { Session } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { tell } from "../thread.ts";

/** How long a migration may go without a statement, outside a transaction. */
export const defaultIdleBudgetMs = 120_000;
/** Inside one it holds locks; a little sooner than the server would end the session. */
const inTransactionMs = 9_500;
const tickMs = 250;

/**
 * Runs a migration's code, which fails when it has sent no statement and waited for none all that time. What the process
 * itself was frozen for does not count: it is not to blame.
 */
export async function notIdle<T>(
  { traffic, runner, pid }: Session,
  { name, idleBudgetMs = defaultIdleBudgetMs }: { name: string; idleBudgetMs?: number | undefined },
  work: () => Promise<T>,
): Promise<T> {
  tell({ idleBudgetMs });
  let { count: last } = traffic.sent();
  let lookedAt = performance.now();
  let idleMs = 0;
  const { promise: idle, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    const open = runner.isTransactionActive;
    const { count, busy } = traffic.sent(open ? pid : undefined);
    const now = performance.now();
    idleMs = busy || count !== last ? 0 : idleMs + Math.min(now - lookedAt, 2 * tickMs);
    last = count;
    lookedAt = now;
    const boundMs = open ? Math.min(inTransactionMs, idleBudgetMs) : idleBudgetMs;
    if (idleMs >= boundMs) reject(open ? holdsTransaction(name, boundMs) : doesNothing(name, boundMs));
  }, tickMs);
  try {
    return await Promise.race([work(), idle]);
  } finally {
    clearInterval(timer);
  }
}

const holdsTransaction = (name: string, ms: number) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `${name} kept its transaction open for ${ms / 1000} s without a statement, and has not ended.`,
    {
      next: "Find what it waits for, or take out of the transaction what takes long but is no SQL (a migration of its own, with transaction = false). It was undone.",
      facts: { migration: name },
    },
  );

const doesNothing = (name: string, ms: number) =>
  new MigratorError(
    ExitCode.MigrationFailed,
    `${name} has sent no statement for ${ms / 1000} s, and has not ended.`,
    {
      next: "Find the promise it waits for that nobody settles, or raise --idle-budget if it needs that long. What its statements did outside a transaction is kept.",
      facts: { migration: name },
    },
  );
