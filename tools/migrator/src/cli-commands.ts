import { type Command, Option } from "commander";
import type { GlobalOptions } from "./cli.ts";
import { bootstrap } from "./commands/bootstrap.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";
import { databaseUrl } from "./database/url.ts";
import { duration, positiveDuration } from "./duration.ts";
import type { Log } from "./log.ts";
import { type Outcome, showBootstrap, showRun, showStatus, showUp } from "./report.ts";

type Work = (globals: GlobalOptions, log: Log, stopSignal: () => AbortSignal) => Promise<Outcome>;
type Add = (program: Command, perform: (work: Work) => Promise<void>) => void;

const durationOption = (flags: string, description: string, fallback: string, parse = duration) =>
  new Option(flags, description).argParser(parse).default(parse(fallback), fallback);

interface UpFlags {
  to?: string;
  reader?: string;
  wait: number;
  lockTimeout: number;
  lockBudget: number;
  statementBudget: number;
}

export const addUp: Add = (program, perform) =>
  program
    .command("up")
    .description("apply the pending expand migrations, each in its own transaction")
    .option("--to <name>", "the last migration to apply")
    .addOption(new Option("--reader <role>", "role that may read the record tables").env("READER_ROLE"))
    .addOption(durationOption("--wait <duration>", "how long to wait for another migrator", "5m"))
    .addOption(
      durationOption(
        "--lock-timeout <duration>",
        "how long a statement may wait for a lock",
        "500ms",
        positiveDuration,
      ),
    )
    .addOption(
      durationOption("--lock-budget <duration>", "how long to try a migration again that got no lock", "60s"),
    )
    .addOption(
      durationOption(
        "--statement-budget <duration>",
        "longest CONCURRENTLY or VALIDATE (no lock_timeout there)",
        "1h",
        positiveDuration,
      ),
    )
    .action((flags: UpFlags) =>
      perform(async (globals, log, stopSignal) =>
        showUp(
          await up(
            {
              url: databaseUrl(process.env.DATABASE_URL),
              schema: globals.schema,
              migrations: globals.migrations,
              to: flags.to,
              reader: flags.reader,
              waitMs: flags.wait,
              limits: { lockTimeoutMs: flags.lockTimeout, statementBudgetMs: flags.statementBudget },
              lockBudgetMs: flags.lockBudget,
            },
            log,
            stopSignal(),
          ),
        ),
      ),
    );

export const addStatus: Add = (program, perform) =>
  program
    .command("status")
    .description("show what is applied and what is pending; changes nothing")
    .action(() =>
      perform(async ({ migrations, schema }, log) =>
        showStatus(await status({ url: databaseUrl(process.env.DATABASE_URL), schema, migrations }, log)),
      ),
    );

export const addBootstrap: Add = (program, perform) =>
  program
    .command("bootstrap")
    .description("create the two roles, the database and their grants, as an administrator; safe to repeat")
    .action(() =>
      perform(async ({ schema }, log) => showBootstrap(await bootstrap({ env: process.env, schema }, log))),
    );

export const addRun: Add = (program, perform) =>
  program
    .command("run <name> [args...]")
    .description("run a command of the service: the default export of NAME in the commands folder")
    .addOption(
      new Option("--commands <dir>", "folder of the commands").env("COMMANDS_DIR").default("commands"),
    )
    .allowUnknownOption()
    .action((name: string, args: string[], { commands }: { commands: string }) =>
      perform(async ({ schema }, log, stopSignal) =>
        showRun(
          name,
          await run(
            { url: databaseUrl(process.env.DATABASE_URL), schema, commands, name, args },
            log,
            stopSignal(),
          ),
        ),
      ),
    );
