import type { PlannedMigration, PlanResult } from "../commands/plan.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Outcome } from "../report.ts";
import { meaning } from "../shadow/lock-words.ts";
import { strength } from "../shadow/locks.ts";
import type { ObservedLock, ObservedStatement } from "../shadow/types.ts";

export function showPlan(result: PlanResult): Outcome {
  const { shadow, applied, pending } = result;
  if (pending.length === 0) {
    const summary = `nothing is pending; ${applied} applied`;
    return { exitCode: ExitCode.Ok, summary, result, facts: { applied }, table: "Nothing is pending." };
  }
  const statements = pending.reduce((sum, migration) => sum + shown(migration).length, 0);
  const names = pending.map(({ name }) => name);
  return {
    exitCode: ExitCode.Ok,
    summary: `${count(pending.length, "migration")} pending, ${count(statements, "statement")}, observed on ${shadow}; nothing was changed`,
    result: withMeanings(result),
    facts: { applied, pending: names, shadow },
    table: pending.map(migrationText).join("\n\n"),
    foreign: true,
  };
}

/** Machines get the meaning of each lock beside its name. */
const withMeanings = (result: PlanResult): PlanResult => ({
  ...result,
  pending: result.pending.map((migration) => ({
    ...migration,
    statements: migration.statements.map((statement) => ({
      ...statement,
      locks: statement.locks.map((lock) => ({ ...lock, blocks: meaning[lock.mode].blocks })),
    })),
  })),
});

function migrationText(migration: PlannedMigration): string {
  const { name, phase, transactional, needs } = migration;
  const how = transactional ? "one transaction" : "outside a transaction";
  const gate = needs === undefined ? "" : ` · waits until no release below ${needs} is alive`;
  const lookups = migration.statements.filter(({ lookup }) => lookup).length;
  const checkpoints = migration.statements.filter(({ checkpoint }) => checkpoint).length;
  const unshown = [
    ...(lookups > 0 ? [count(lookups, "look-up")] : []),
    ...(checkpoints > 0 ? [`${count(checkpoints, "statement")} about the checkpoint`] : []),
  ];
  return [
    `${name}  ${phase} · ${how}${gate}`,
    ...shown(migration).flatMap((statement, index) => [
      "",
      ...statementText(statement, index + 1, migration),
    ]),
    ...(shown(migration).length === 0 ? ["", indent("no statement on the shadow database")] : []),
    ...(unshown.length > 0 ? ["", indent(`(and ${unshown.join(", ")})`)] : []),
  ].join("\n");
}

const shown = ({ statements }: PlannedMigration) =>
  statements.filter(({ lookup, checkpoint }) => !lookup && !checkpoint);

function statementText(statement: ObservedStatement, place: number, migration: PlannedMigration): string[] {
  const { sql, parameters, number, watched, rewritten, scanned } = statement;
  const [head = "", ...rest] = dedented(sql);
  const locks = statement.locks.filter(worthALine);
  const old = locks.filter(({ bornIn }) => bornIn === undefined);
  const born = locks.filter(
    ({ bornIn, since, kind }) => bornIn !== undefined && since === number && kind !== "index",
  );
  const width = Math.max(0, ...old.map(({ relation }) => relation.length));
  const position = (lock: ObservedLock) =>
    shown(migration).findIndex((other) => other.number === lock.since) + 1 || lock.since;
  return [
    `${String(place).padStart(3)}. ${head}`,
    ...rest.map(indent),
    ...parameters.map((value, index) => indent(`$${index + 1} = ${JSON.stringify(value) ?? String(value)}`)),
    ...(watched ? [fact("runs in no transaction; locks seen from another session while it waited")] : []),
    ...old.map((lock) => {
      const still = `still held, since statement ${position(lock)}`;
      const { mode, relation, since } = lock;
      return fact(
        `${mode.padEnd(longest)}  ${relation.padEnd(width)}  ${since === number ? meaning[mode].words : still}`,
      );
    }),
    ...(born.length > 0
      ? [fact(`new, so nobody waits: ${born.map(({ relation }) => relation).join(", ")}`)]
      : []),
    ...rewritten.map(({ relation, kind }) =>
      fact(kind === "index" ? `builds the index ${relation} anew` : `REWRITES ${relation}`),
    ),
    ...scanned.map(({ relation }) => fact(`reads all of ${relation}`)),
    ...(statement.unseen ? [fact("ends its transaction itself; its locks were not seen")] : []),
    ...(statement.locks.length === 0 && !statement.unseen ? [fact("no lock on any table")] : []),
  ];
}

const longest = "ShareUpdateExclusiveLock".length;

/** Whoever uses a table also locks its indexes: true, and of no use in a plan. */
const worthALine = ({ mode, kind }: ObservedLock) =>
  kind !== "index" || strength(mode) > strength("RowExclusiveLock");

/** Without the indentation the SQL has in the migration's source. */
function dedented(sql: string): string[] {
  const lines = sql
    .replace(/^\s*\n/, "")
    .trimEnd()
    .split("\n");
  const depthOf = (line: string) => line.search(/\S/);
  // A text that begins right after its quote says nothing about the depth of its first line.
  const counted = (depthOf(lines[0] ?? "") > 0 ? lines : lines.slice(1)).filter((line) => depthOf(line) >= 0);
  const depth = Math.min(...counted.map(depthOf), Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(Math.min(depth, Math.max(depthOf(line), 0))).trimEnd());
}

const indent = (line: string) => `     ${line}`;
const fact = (text: string) => `       ${text.trimEnd()}`;
const count = (amount: number, what: string) => `${amount} ${what}${amount === 1 ? "" : "s"}`;
