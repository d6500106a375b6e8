import type { Command } from "commander";
import { positiveDuration } from "../duration.ts";
import type { Limits } from "../execute/guards.ts";
import { durationOption } from "./command.ts";

export interface LimitFlags {
  lockTimeout: number;
  lockBudget: number;
  statementBudget: number;
  idleBudget: number;
}

/** What every command takes that executes migrations. */
export const addLimits = (command: Command): Command =>
  command
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
    .addOption(
      durationOption(
        "--idle-budget <duration>",
        "longest a migration may send no statement (in a transaction: 10s)",
        "2m",
        positiveDuration,
      ),
    );

export const limitsOf = (flags: LimitFlags): { limits: Limits; lockBudgetMs: number } => ({
  limits: {
    lockTimeoutMs: flags.lockTimeout,
    statementBudgetMs: flags.statementBudget,
    idleBudgetMs: flags.idleBudget,
  },
  lockBudgetMs: flags.lockBudget,
});
