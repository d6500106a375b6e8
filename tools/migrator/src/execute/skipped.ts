import type pg from "pg";
import { onOwnPath } from "../database/search-path.ts";
import type { Session } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { mentions, readUnsettled } from "./unsettled.ts";

/** Collects what the server says it skipped because a relation of that name is there, whichever code asked for it. */
export function watchSkipped(client: pg.Client) {
  let notices: string[] = [];
  const note = ({ code, message = "" }: { code?: string | undefined; message?: string | undefined }) => {
    if (code === "42P07") notices.push(message);
  };
  client.on("notice", note);
  return {
    /** What was said since the last time. */
    take(): string[] {
      const taken = notices;
      notices = [];
      return taken;
    },
    stop: () => void client.off("notice", note),
  };
}

/** `IF NOT EXISTS` takes the invalid index of somebody's interrupted build for the finished one. */
export async function refuseSkipped(
  { runner, sql, pid }: Session,
  notices: readonly string[],
): Promise<void> {
  if (notices.length === 0) return;
  const invalid = (await onOwnPath(sql, runner.isTransactionActive, () => readUnsettled(sql, pid))).filter(
    ({ what }) => what === "index",
  );
  const found = invalid.find(({ bare }) => notices.some((notice) => mentions(notice, bare)));
  if (found === undefined) return;
  throw new MigratorError(
    ExitCode.MigrationFailed,
    `The index ${found.name} was skipped because it is there already, but it is invalid: no query uses it.`,
    {
      next: `REINDEX INDEX CONCURRENTLY ${found.name} makes it whole, or DROP INDEX CONCURRENTLY ${found.name} lets the migration build it. Then run again.`,
    },
  );
}
