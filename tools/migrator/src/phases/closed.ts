import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { contractOf } from "./contract.ts";
import { releaseWith } from "./schedule.ts";
import { type AliveSession, asNewAs, describeSessions, olderThan } from "./sessions.ts";
import type { Closed } from "./watch.ts";

/** How many sessions the facts of an error carry. */
const listed = 50;

/** An expand run needs a contract applied first, and may not wait for it. */
export function mustComeFirst(
  contract: LoadedMigration,
  behind: LoadedMigration,
  facts: { local: readonly LoadedMigration[]; alive: AliveSession[]; everybody: readonly AliveSession[] },
): MigratorError {
  const { needs } = contractOf(contract);
  // Who knows the step behind the contract is of the release being deployed, such as a pod that waits in its gate.
  const before = olderThan(facts.everybody, behind.timestamp);
  const skipped = asNewAs(before, needs).length === 0;
  const release = releaseWith(facts.local, contract);
  const which = `the release of level ${release.timestamp} (its last migration is ${release.name})`;
  return new MigratorError(
    ExitCode.ContractGateClosed,
    `${behind.name} comes after the contract step ${contract.name}, which cannot run while a release below ${needs} is alive: ${describeSessions(facts.alive)}.`,
    {
      next: skipped
        ? `A release was skipped. Deploy ${which} first; once nothing older is alive, deploy this one.`
        : `Wait until ${which} has replaced what is older, then run again.`,
      facts: { migration: contract.name, needs, alive: facts.alive.slice(0, listed) },
    },
  );
}

/** The wait for a gate is over and it is still closed. */
export function stillClosed(
  contract: LoadedMigration,
  { alive, soakMs }: Closed,
  waitMs: number,
): MigratorError {
  const { needs } = contractOf(contract);
  const why =
    alive.length > 0
      ? `below ${needs} there is still ${describeSessions(alive)}`
      : `it has been clear, but needs to be for another ${Math.ceil(soakMs / 1000)} s`;
  return new MigratorError(
    ExitCode.ContractGateClosed,
    `After ${waitMs / 1000} s the gate of ${contract.name} is still closed: ${why}.`,
    {
      next: `Let the rollout finish or end those processes, then run again, or raise --wait.${unnamed(alive)}`,
      facts: { migration: contract.name, needs, alive: alive.slice(0, listed) },
    },
  );
}

/** What can be done about sessions that say nothing of their release. */
function unnamed(alive: readonly AliveSession[]): string {
  if (alive.every(({ level }) => level !== undefined)) return "";
  const hidden = alive.some(({ since }) => since === undefined)
    ? " Without pg_read_all_stats a background worker looks like any session: GRANT it to the migrator to know more."
    : "";
  return ` A process names its level in application_name (name@<level>); a role whose sessions do not matter is left out with --ignore-role.${hidden}`;
}

/** Nobody has applied what a contract run waits for. */
export const neverExpanded = (expand: LoadedMigration, waitMs: number) =>
  new MigratorError(
    ExitCode.ContractGateClosed,
    `After ${waitMs / 1000} s ${expand.name} (expand), which comes before the backfills and contracts, is still not applied.`,
    {
      next: "Run migrator up for it (or migrator up --phase all), then run again.",
      facts: { migration: expand.name },
    },
  );

/** Newer code may be using what a rollback takes away. */
export const newerAlive = (migration: LoadedMigration, alive: AliveSession[]) =>
  new MigratorError(
    ExitCode.ContractGateClosed,
    `${migration.name} cannot be reverted while a release that knows it is alive: ${describeSessions(alive)}.`,
    {
      next: "Roll the application back first, then run again. --ignore-role ROLE leaves a role out that does not matter.",
      facts: { migration: migration.name, alive: alive.slice(0, listed) },
    },
  );
