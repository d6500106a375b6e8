import { Option } from "commander";
import { up } from "../commands/up.ts";
import { databaseUrl } from "../database/url.ts";
import { positiveDuration } from "../duration.ts";
import { showUp } from "../report.ts";
import { type Add, durationOption } from "./command.ts";

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
