import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { exitCode, Failure } from "../lib/failure.ts";
import { type Rates, usualRates } from "../lib/load/rates.ts";
import { root } from "../lib/paths.ts";
import { saidBy } from "../lib/shell.ts";
import type { Verb } from "../lib/verb.ts";
import { type Cell, readCells, writeCell } from "./cell.ts";
import { measureCells } from "./measure-cells.ts";
import { following, inOrder } from "./order.ts";
import { tableText } from "./results/terminal.ts";
import { writeResults } from "./results/write.ts";
import { type Choice, chosen } from "./selection.ts";
import { prepare } from "./stand/prepare.ts";
import type { Stage } from "./stand/stage.ts";
import type { Trial } from "./trials.ts";

/**
 * Every strategy in every trial, or those of ONLY. A cell of the same build that is there already is not measured
 * again. Exit code 0 when every cell that was asked for is there: what a strategy does badly is a result, no failure.
 */
export async function runLab(verb: Verb): Promise<number> {
  const choices = chosen(process.env.ONLY);
  const stage = await prepare(choices);
  const kept = await readCells(stage.folder);
  stage.rates = ratesFor(kept);
  const known = new Map(
    kept
      .filter(({ environment }) => isDeepStrictEqual(environment.rates, stage.rates))
      .map((cell) => [nameOf(cell.strategy, cell.trial), cell]),
  );
  const open = inOrder(choices.filter(({ strategy, trial }) => !known.has(nameOf(strategy, trial.name))));
  console.log(
    `\n${choices.length} cells, ${choices.length - open.length} of them measured already; the others take about ${minutes(open)} minutes.`,
  );
  const failed: string[] = [];
  for (const [index, choice] of open.entries()) {
    const name = nameOf(choice.strategy, choice.trial.name);
    // The one before may have brought it along.
    if (!known.has(name))
      for await (const cell of measured(
        stage,
        choice,
        following(choice, open).map(({ trial }) => trial),
        verb,
      ))
        known.set(nameOf(cell.strategy, cell.trial), cell);
    const cell = known.get(name);
    if (!cell) failed.push(name);
    console.log(
      `${new Date().toISOString().slice(11, 19)} ${index + 1}/${open.length} ${name}: ${cell ? inShort(cell) : "not measured"}`,
    );
  }
  const cells = [...known.values()];
  if (cells.length > 0) {
    const wanted = new Set(choices.map(({ strategy, trial }) => nameOf(strategy, trial.name)));
    console.log(tableText(cells.filter(({ strategy, trial }) => wanted.has(nameOf(strategy, trial)))));
    const files = await writeResults(stage.folder, cells);
    console.log(files.map((file) => relative(root, file)).join("\n"));
  }
  await stage.ending;
  if (failed.length === 0) return 0;
  console.error(`Not measured: ${failed.join(", ")}. Run the same command again for these.`);
  return exitCode.promiseBroken;
}

/**
 * RATE; or that of the cells that are there already, so that all have the same; or a quarter of what the machine carries:
 * strategies are compared, and it is no part of that how a machine copes that is full.
 */
const ratesFor = ([cell]: readonly Cell[]): Rates =>
  process.env.RATE ? usualRates() : (cell?.environment.rates ?? usualRates(process.env, 0.25));

/** Cells, written as soon as they are there; no more of them where something broke that is not the strategy's. */
async function* measured(
  stage: Stage,
  choice: Choice,
  others: readonly Trial[],
  verb: Verb,
): AsyncGenerator<Cell> {
  try {
    for await (const cell of measureCells(stage, choice, others, verb)) {
      // What an interruption broke off would pass for something the strategy did.
      verb.signal.throwIfAborted();
      await writeCell(stage.folder, cell);
      yield cell;
    }
  } catch (error) {
    if (verb.signal.aborted) throw error;
    const folder = join(stage.folder, `${choice.strategy}.${choice.trial.name}`);
    await mkdir(folder, { recursive: true });
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await writeFile(join(folder, "error.txt"), `${text}\n${saidBy(error)}\n`);
    console.error(error instanceof Failure ? error.message : saidBy(error));
  }
}

const nameOf = (strategy: string, trial: string) => `${strategy}.${trial}`;

/** By what 16 cells took on two slow cores. */
function minutes(open: Choice[]): number {
  const normal = new Set(open.filter(({ trial }) => trial.name === "normal").map(({ strategy }) => strategy));
  const readOff = open.filter(({ strategy, trial }) => trial.name === "credentials" && normal.has(strategy));
  return Math.ceil(((open.length - readOff.length) * 45) / 60);
}

function inShort({ command, deployedSeconds, load, ran, tookSeconds }: Cell): string {
  const clients = load ? `${load.failed} of ${load.requests} requests failed, ` : "";
  const deployed = deployedSeconds === null ? "not deployed" : `deployed in ${deployedSeconds} s`;
  const how = command.succeeded ? "" : " (the command failed)";
  return `${clients}${deployed}${how}, migration begun ${ran.begun} ×; ${tookSeconds} s`;
}
