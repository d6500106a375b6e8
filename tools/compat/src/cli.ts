import { Command, CommanderError } from "commander";
import { createChecks, isGreen } from "./checks.ts";
import { readConfig } from "./config.ts";
import { startDatabase } from "./database.ts";
import { exitCode, Failure } from "./failure.ts";
import { takeSignals } from "./interruption.ts";
import { rehearse } from "./rehearsal.ts";
import { checkLines, resultOf, verdictLine } from "./report.ts";
import { createStage } from "./stage.ts";

interface Options {
  from: string;
  to: string;
  config: string;
  json: boolean;
  verbose: boolean;
}

const say = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

/** Parses the arguments, plays the rollout and returns the exit code. */
export async function cli(argv: string[]): Promise<number> {
  const program = new Command("compat")
    .description("If I only run the migration, will the running code break? Plays the rollout and answers.")
    .requiredOption("--from <release>", "the release that runs")
    .requiredOption("--to <release>", "the release whose migrations shall run")
    .option("--config <file>", "how to migrate, serve and test a release", "compat.json")
    .option("--json", "print the result as JSON on stdout", false)
    .option("--verbose", "show all that the commands write; print stacks of errors", false)
    .addHelpText("after", help)
    .showHelpAfterError("(--help shows the usage)")
    .exitOverride();
  try {
    return await compat(program.parse(argv).opts<Options>());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.green : exitCode.usage;
    if (program.opts<Options>().verbose) console.error(error);
    else complain(error instanceof Error ? error.message : String(error));
    return error instanceof Failure ? error.code : exitCode.noAnswer;
  }
}

async function compat({ from, to, config: file, json, verbose }: Options): Promise<number> {
  const config = await readConfig(file);
  if (!json) say(`The rollout ${from} → ${to}, played on a scratch PostgreSQL:`);
  const database = await startDatabase();
  const signal = takeSignals();
  const stage = createStage({
    config,
    database,
    signal,
    onOutput: verbose ? (text) => process.stderr.write(text) : undefined,
  });
  signal.addEventListener("abort", () => void stage.clear());
  let reds = 0;
  const checks = createChecks((check) => {
    if (check.outcome === "red") reds++;
    if (!json) say(checkLines(check, reds === 1));
  });
  try {
    await rehearse({ from, to, stage, checks, hasContract: config.contract !== undefined });
  } finally {
    await stage.clear();
    await database.stop();
  }
  say(
    json
      ? JSON.stringify(resultOf({ from, to }, checks.all), undefined, 2)
      : verdictLine({ from, to }, checks.all),
  );
  return isGreen(checks.all) ? exitCode.green : exitCode.red;
}

const help = `
Exit codes:
  0  green: the running release survives the migration
  1  red: it does not
  2  wrong arguments or configuration
  3  no answer: no scratch database, the old release does not hold on its own schema, or a release is not there

The configuration is a JSON file; README.md describes it.`;
