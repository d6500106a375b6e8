import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../lib/report/record/environment.ts";
import type { StrategyName } from "./strategies.ts";
import type { TrialName } from "./trials.ts";

/** What one strategy did in one trial, as it was measured. */
export interface Cell {
  format: 1;
  build: string;
  strategy: StrategyName;
  trial: TrialName;
  /** ms since the epoch, and how long the whole cell took. */
  startedAt: number;
  tookSeconds: number;
  /** How the command, or the pipeline, that was to deploy ended. */
  command: { succeeded: boolean; seconds: number; said?: string };
  /** From the order to the last new pod ready; null where it did not come to that while it was watched. */
  deployedSeconds: number | null;
  /** Missing where the trial asks for something else. */
  load?: LoadFigures;
  ran: Ran;
  left: Left;
  /** How the next deploy of the same release went; missing where the trial has none. */
  repair?: Repair;
  rights?: Holder[];
  objects?: Objects;
  environment: Environment;
}

export interface LoadFigures {
  requests: number;
  failed: number;
  /** Most frequent first. */
  causes: { what: string; count: number }[];
  /** Longest time in which no request was answered as expected. */
  longestGapSeconds: number;
  /** How many seconds had at least one failed request. */
  secondsWithFailures: number;
  /** p99 in ms of what was answered: before the order, and from it on. */
  p99Steady: number;
  p99: number;
  lostWrites: number;
  /** By the second, from the start of the load. */
  perSecond: { ok: number[]; failed: number[] };
  /** Second in which the order was given. */
  orderedAt: number;
}

export interface Ran {
  migration: string;
  /** How often it was begun, by the logs of whatever ran it. */
  begun: number;
  /** How many rows the record of migrations has of it. */
  recorded: number;
  /** How often its effect is there, where that can be counted. */
  effects?: number;
  /** Migrators that found the lock taken and waited. */
  queued: number;
}

export interface Left {
  /** Helm's word: deployed, failed, pending-upgrade. */
  release: string;
  jobs: string[];
  pods: string[];
  invalidIndexes: string[];
}

export interface Repair {
  /** What was done first that has nothing to do with the strategy. */
  cause?: string;
  attempts: { what: string; worked: boolean; said?: string }[];
}

/** Whoever holds a Secret whose role may create in the schema. */
export interface Holder {
  identity: string;
  secret: string;
  role: string;
  /** Whether it is there all the time the application runs. */
  lasting: boolean;
}

export interface Objects {
  /** By kind, of the whole release. */
  counts: Record<string, number>;
  /** Beyond those of the blog that migrates in no way. */
  added: string[];
  /** What is granted to accounts in the cluster. */
  granted: string[];
  /** What the pipeline must be allowed beside what helm needs. */
  pipeline: string[];
}

const fileOf = (folder: string, { strategy, trial }: Pick<Cell, "strategy" | "trial">) =>
  join(folder, `${strategy}.${trial}.json`);

/** Whole or not at all: a cell that is there counts as measured. */
export async function writeCell(folder: string, cell: Cell): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = fileOf(folder, cell);
  await writeFile(`${file}.new`, `${JSON.stringify(cell, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Those that are there already. */
export async function readCells(folder: string): Promise<Cell[]> {
  const files = (await readdir(folder).catch(() => [])).filter((file) =>
    /^[a-z-]+\.[a-z-]+\.json$/.test(file),
  );
  const cells = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as Cell),
  );
  return cells.filter(({ format }) => format === 1);
}
