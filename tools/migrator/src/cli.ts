import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addBackfill } from "./cli/backfill.ts";
import { addBaseline } from "./cli/baseline.ts";
import { addBootstrap } from "./cli/bootstrap.ts";
import { addLint } from "./cli/lint.ts";
import { addNew } from "./cli/new.ts";
import { addPlan } from "./cli/plan.ts";
import { addRollback } from "./cli/rollback.ts";
import { addRun } from "./cli/run.ts";
import { addStatus } from "./cli/status.ts";
import { addUp } from "./cli/up.ts";
import { watchSockets } from "./database/sockets.ts";
import { concluding } from "./ending.ts";
import { MigratorError } from "./errors.ts";
import { ExitCode, exitCodes } from "./exit-codes.ts";
import { catchFaults } from "./faults.ts";
import { createLog } from "./log.ts";
import { keepResultAlone, toStderr, toStdout } from "./output.ts";
import { unfitName } from "./record/names.ts";
import { defaultRecordTable } from "./record/tables.ts";
import { keepSecret, redact } from "./redact.ts";
import { type Outcome, reportUsage, type Telling } from "./report.ts";
import { NeedsThread, onTerminal, showLife } from "./thread.ts";
import { logWarnings } from "./warnings.ts";

/** Options every command has. */
export interface GlobalOptions {
  migrations: string;
  /** Of the record. */
  schema?: string;
  recordTable?: string;
  json: boolean;
  verbose: boolean;
}

const urlVariables = ["DATABASE_URL", "MIGRATOR_DATABASE_URL", "APP_DATABASE_URL", "SHADOW_DATABASE_URL"];

/** Parses the arguments, runs the command and returns the exit code. */
export async function cli(argv: string[]): Promise<number> {
  for (const name of urlVariables) keepSecret(process.env[name]);
  for (const argument of argv) keepSecret(argument);
  const program = createProgram();
  let outcome: Outcome | undefined;
  let telling: Telling | undefined;
  catchFaults();
  watchSockets();
  showLife();
  for (const add of [
    addUp,
    addBackfill,
    addRollback,
    addPlan,
    addLint,
    addNew,
    addStatus,
    addBaseline,
    addBootstrap,
    addRun,
  ]) {
    add(program, async (work) => {
      const { json, verbose } = program.opts<GlobalOptions>();
      const log = await createLog({ verbose, terminal: onTerminal() });
      telling = { log, json, verbose };
      keepResultAlone(json);
      logWarnings(log);
      outcome = await concluding(telling, async (stopSignal) => work(globalsOf(program), log, stopSignal));
    });
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof NeedsThread && telling !== undefined) {
      // Loaded only here, like the thread it starts.
      const { superviseThread } = await import("./supervise.ts");
      return superviseThread(argv, telling, error.stdin);
    }
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (argv.includes("--json")) {
      reportUsage(error.code === "commander.help" ? "No command was given." : error.message);
    }
    return 2;
  }
  return outcome?.exitCode ?? 0;
}

/** `schema` is what the record's schema is called inside. */
function globalsOf(program: Command): GlobalOptions {
  const { recordSchema, schema, ...globals } = program.opts<GlobalOptions & { recordSchema?: string }>();
  const named = program.getOptionValueSource("recordSchema") === "cli" ? recordSchema : undefined;
  if (named !== undefined && schema !== undefined && named !== schema) {
    throw new MigratorError(
      ExitCode.Usage,
      `--schema ${schema} and --record-schema ${named} name two schemas, and both mean the record's.`,
      { next: "Leave --schema out." },
    );
  }
  const said = schema ?? recordSchema;
  return { ...globals, ...(said !== undefined && { schema: said }) };
}

function nameOf(text: string): string {
  const unfit = unfitName(text);
  if (unfit === undefined) return text;
  throw new InvalidArgumentError(unfit);
}

function createProgram(): Command {
  return (
    new Command("migrator")
      .description("Applies TypeORM migrations to PostgreSQL while the service runs.")
      .addOption(
        new Option("--migrations <dir>", "folder with one migration class in each file")
          .env("MIGRATIONS_DIR")
          .default("migrations"),
      )
      .addOption(
        new Option(
          "--record-table <name>",
          "table that records what is applied: TypeORM's migrationsTableName",
        )
          .env("RECORD_TABLE")
          .default(defaultRecordTable)
          .argParser(nameOf),
      )
      .addOption(
        new Option("--record-schema <name>", "schema of that table (default: the first of search_path)")
          .env("RECORD_SCHEMA")
          .argParser(nameOf),
      )
      .addOption(new Option("--schema <name>", "former name of --record-schema").argParser(nameOf).hideHelp())
      .option("--json", "print the result as JSON on stdout; logs stay on stderr", false)
      .option("--verbose", "log every statement; print causes and stacks of errors", false)
      .version(packageJson.version, "--version", "print the version")
      .addHelpText("after", environment + codes())
      // Commands copy this when they are added: the help of each shows what all have.
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({ writeOut: toStdout, writeErr: (text) => toStderr(redact(text)) })
      .showHelpAfterError("(--help shows the usage)")
      .exitOverride()
  );
}

const environment = `
Environment:
  DATABASE_URL           postgres://USER:PASSWORD@HOST:5432/DATABASE of the role to act as
                         (the migrator; run: as the command needs; bootstrap: an administrator)
  MIGRATOR_DATABASE_URL  bootstrap: user, password and database of the role that migrates
  APP_DATABASE_URL       bootstrap: user, password and database of the application's role
`;

const codes = () =>
  [
    "\nExit codes (+ is worth another try, the others are final):",
    ...exitCodes.map(
      ({ code, meaning, retry }) => `  ${String(code).padStart(3)} ${retry ? "+" : " "} ${meaning}`,
    ),
  ].join("\n");
