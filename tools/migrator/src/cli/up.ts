import { Option } from "commander";
import { up } from "../commands/up.ts";
import { databaseUrl } from "../database/url.ts";
import { positiveDuration } from "../duration.ts";
import { type Selection, selections } from "../phases/schedule.ts";
import { showUp } from "../report/up.ts";
import { type Add, durationOption } from "./command.ts";

interface UpFlags {
  phase: Selection;
  to?: string;
  soak: number;
  reader?: string;
  wait: number;
  lockTimeout: number;
  lockBudget: number;
  statementBudget: number;
}

export const addUp: Add = (program, perform) =>
  program
    .command("up")
    .description("apply what is pending of a phase, each migration in its own transaction")
    .addOption(
      new Option(
        "--phase <phase>",
        "expand; contract: backfills at once, contracts when no older release is alive",
      )
        .choices(selections)
        .default("expand"),
    )
    .option("--to <name>", "the last migration to apply")
    .addOption(
      new Option(
        "--reader <role>",
        "the application's role: may read the record, and its sessions are recognised",
      ).env("READER_ROLE"),
    )
    .addOption(
      durationOption(
        "--wait <duration>",
        "how long to wait for another migrator, or for a contract's gate",
        "5m",
      ),
    )
    .addOption(
      durationOption(
        "--soak <duration>",
        "how long a contract's gate must have been clear without a break",
        "0s",
      ),
    )
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
              phase: flags.phase,
              to: flags.to,
              reader: flags.reader,
              waitMs: flags.wait,
              soakMs: flags.soak,
              limits: { lockTimeoutMs: flags.lockTimeout, statementBudgetMs: flags.statementBudget },
              lockBudgetMs: flags.lockBudget,
            },
            log,
            stopSignal(),
          ),
        ),
      ),
    );
