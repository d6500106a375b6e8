import { onOwnPath } from "../database/search-path.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Journal } from "../record/journal.ts";
import type { Attempt } from "./outside.ts";
import { busy } from "./repair.ts";
import { readUnsettled, type Unsettled } from "./unsettled.ts";

/**
 * Throws when the migration leaves an index invalid, or a partition half detached, however it came to be: then it is not
 * recorded. What was so before the migration first began, or is somebody else's work, is only told.
 */
export const expectSettled = (on: Attempt, journal: Journal): Promise<void> =>
  onOwnPath(on.session.sql, false, () => expectNothingUnsettled(on, journal));

async function expectNothingUnsettled(on: Attempt, { before, known }: Journal): Promise<void> {
  const { session, log, seen } = on;
  const found = await readUnsettled(session.sql, session.pid);
  if (found.length === 0) return;
  const code = seen.opaque || (await runsForeignCode(on));
  const alone = (one: Unsettled, why: string) =>
    log.warn({ name: one.name, of: one.of }, `${describe(one)}: ${why}, left alone`);
  for (const one of found) {
    if (before.has(one.oid)) {
      if (one.what !== "partitioned index") alone(one, "since before this migration first began");
    } else if (one.what === "partitioned index") {
      log.warn(
        { name: one.name, of: one.of },
        `the partitioned index ${one.name} is invalid until an index of each partition is attached to it`,
      );
    } else if (one.toast || one.beingBuilt || !(code || concerns(one, seen.names))) {
      alone(one, "not the work of this migration");
    } else if (one.maybeBeingBuilt) {
      throw busy(one);
    } else {
      throw unsettled(one, known);
    }
  }
}

const concerns = ({ bare, ofBare }: Unsettled, names: ReadonlySet<string>) =>
  names.has(bare) || names.has(ofBare);

/** Whether a function was called that is not PostgreSQL's own, such as one that builds an index through dblink. */
async function runsForeignCode({ session, seen }: Attempt): Promise<boolean> {
  if (seen.functions.size === 0) return false;
  const foreign = await session.sql(
    `SELECT 1 FROM pg_catalog.unnest($1::text[]) AS name WHERE NOT EXISTS (
       SELECT FROM pg_catalog.pg_proc
        WHERE proname = name AND pronamespace = 'pg_catalog'::pg_catalog.regnamespace) LIMIT 1`,
    [[...seen.functions]],
  );
  return foreign.length > 0;
}

const describe = ({ what, name, of }: Unsettled) =>
  what === "partition"
    ? `the partition ${name} is half detached from ${of}`
    : `the index ${name} on ${of} is invalid`;

function unsettled(one: Unsettled, known: ReadonlySet<number>): MigratorError {
  const { what, name, of } = one;
  const whose = known.has(one.oid)
    ? "an earlier attempt at this migration left it"
    : "this migration left it";
  return new MigratorError(ExitCode.MigrationFailed, `Not recorded: ${describe(one)}, and ${whose} so.`, {
    next:
      what === "partition"
        ? `ALTER TABLE ${of} DETACH PARTITION ${name} FINALIZE, then run again.`
        : `No query uses it and writes maintain it. REINDEX INDEX CONCURRENTLY ${name} makes it whole, DROP INDEX CONCURRENTLY ${name} takes it away. Then run again.`,
  });
}
