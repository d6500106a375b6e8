import type { Cell } from "../cell.ts";

/** One figure of a cell, in words short enough for a table. */
export interface Column {
  title: string;
  of(cell: Cell): string;
}

const dash = "–";

export const deployed = ({ deployedSeconds }: Cell): string =>
  deployedSeconds === null ? "never" : `${deployedSeconds} s`;

/** What the operator has to do, by what was tried. */
export function toDo({ repair, command, deployedSeconds }: Cell): string {
  const worked = repair?.attempts.find((attempt) => attempt.worked);
  if (!repair) return command.succeeded || deployedSeconds !== null ? "nothing" : dash;
  const cause = repair.cause ? "repair the cause, then " : "";
  return worked ? `${cause}${worked.what}` : `${cause}nothing that was tried worked`;
}

/** What was tried for the next deploy and did not work, with what it said last. */
export const inVain = ({ repair }: Cell): string =>
  repair?.attempts
    .filter(({ worked }) => !worked)
    .map(({ what, said = "" }) => `${what}: ${shortly(said)}`)
    .join("; ") || dash;

const shortly = (said: string): string => {
  const line = said.trim().split("\n").at(-1) ?? "";
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

export const ranWords = ({ ran }: Cell): string =>
  [
    `begun ${ran.begun}, recorded ${ran.recorded}`,
    ran.effects === undefined ? "" : `, done ${ran.effects}`,
    ran.queued > 0 ? `; ${ran.queued} waited for the lock` : "",
  ].join("");

export const leftWords = ({ left }: Cell): string =>
  [
    `Helm: ${left.release}`,
    ...left.jobs.map((job) => `Job ${job}`),
    left.pods.join(", "),
    ...left.invalidIndexes.map((index) => `invalid index ${index}`),
  ]
    .filter(Boolean)
    .join("; ");

const ofLoad =
  (pick: (load: NonNullable<Cell["load"]>) => string) =>
  ({ load }: Cell): string =>
    load ? pick(load) : dash;

/** The figures of every trial under load. */
export const columns: Column[] = [
  {
    title: "command",
    of: ({ command }) => `${command.succeeded ? "ok" : "failed"} after ${command.seconds} s`,
  },
  { title: "deployed in", of: deployed },
  { title: "failed requests", of: ofLoad(({ failed, requests }) => `${failed} of ${requests}`) },
  { title: "longest without an answer", of: ofLoad(({ longestGapSeconds }) => `${longestGapSeconds} s`) },
  { title: "seconds with failures", of: ofLoad(({ secondsWithFailures }) => String(secondsWithFailures)) },
  { title: "p99 (steady)", of: ofLoad(({ p99, p99Steady }) => `${p99} ms (${p99Steady})`) },
  { title: "migration ran", of: ranWords },
  { title: "what is left", of: leftWords },
  { title: "the operator has to", of: toDo },
  { title: "tried in vain", of: inVain },
];

/** Who holds rights to change the schema, and what the strategy needs. */
export const rightsColumns: Column[] = [
  {
    title: "may change the schema",
    of: ({ rights = [] }) =>
      rights
        .map(({ identity, lasting }) => `${identity}${lasting ? ", all the time" : ", while it migrates"}`)
        .join("; ") || dash,
  },
  {
    title: "API objects",
    of: ({ objects }) =>
      objects ? String(Object.values(objects.counts).reduce((sum, count) => sum + count, 0)) : dash,
  },
  { title: "added by the strategy", of: ({ objects }) => objects?.added.join(", ") || dash },
  { title: "granted in the cluster", of: ({ objects }) => objects?.granted.join("; ") || dash },
  { title: "the pipeline also needs to", of: ({ objects }) => objects?.pipeline.join("; ") || dash },
  { title: "command", of: ({ command }) => (command.succeeded ? "ok" : `failed: ${command.said ?? ""}`) },
];

export const columnsOf = (trial: Cell["trial"]): Column[] =>
  trial === "credentials" ? rightsColumns : columns;
