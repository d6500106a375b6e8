import type { MigrationStatus, StatusResult } from "../commands/status.ts";
import { ExitCode } from "../exit-codes.ts";
import { describeSessions } from "../phases/sessions.ts";
import type { BackfillProgress } from "../record/backfills.ts";
import type { Outcome } from "../report.ts";

export function showStatus(result: StatusResult): Outcome {
  const { migrations, backfills, problems } = result;
  const [first] = problems;
  // A line of the log has a level of its own.
  const { level: release, ...facts } = result;
  const width = Math.max(...[...migrations, ...backfills].map(({ name }) => name.length));
  const count = (state: string) => migrations.filter((migration) => migration.state === state).length;
  const lines = [
    ...migrations.map(({ name, state, phase, appliedAt, unfinished }) =>
      [name.padEnd(width), state.padEnd(10), (phase ?? "").padEnd(9), begun(unfinished) ?? appliedAt ?? ""]
        .join("  ")
        .trimEnd(),
    ),
    ...backfills.map((backfill) => `${backfill.name.padEnd(width)}  ${describeBackfill(backfill)}`),
    `level ${result.level}`,
    ...floorLine(result),
    ...gateLine(result),
    ...problems.map(({ message, next }) => `! ${message}${next ? ` ${next}` : ""}`),
  ];
  return {
    exitCode: problems[0]?.exitCode ?? ExitCode.Ok,
    // The first is what `up` would end with, in its words.
    summary: `${count("applied")} applied, ${count("pending")} pending, ${count("newer")} newer, ${problems.length} problem${problems.length === 1 ? "" : "s"}${first ? `: ${first.message}` : ""}`,
    result,
    facts: { ...facts, release, ...(first && { next: first.next }) },
    table: lines.join("\n"),
  };
}

const begun = (unfinished: MigrationStatus["unfinished"]) =>
  unfinished && `${unfinished.direction}, started ${unfinished.startedAt}`;

function describeBackfill({ state, percent, rowsDone, etaSeconds, updatedAt }: BackfillProgress): string {
  const left = etaSeconds === undefined ? "" : `, about ${etaSeconds} s left`;
  return `backfill ${state} ${percent} %, ${rowsDone} rows changed${left}, ${updatedAt}`;
}

const floorLine = ({ floor }: StatusResult) =>
  floor === undefined ? [] : [`floor ${floor.floor} (${floor.state}, ${floor.contract})`];

function gateLine({ gate }: StatusResult): string[] {
  if (gate === undefined) return [];
  const state = gate.open ? "open" : `closed by ${describeSessions(gate.alive)}`;
  return [`gate of ${gate.contract} (needs ${gate.needs}): ${state}`];
}
