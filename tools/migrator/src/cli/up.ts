import { Option } from "commander";
import { up } from "../commands/up.ts";
import { databaseUrl } from "../database/url.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { type Selection, selections } from "../phases/schedule.ts";
import { showUp } from "../report/up.ts";
import { inThread } from "../thread.ts";
import { type AudienceFlags, addAudience, audienceOf } from "./audience.ts";
import { type Add, durationOption } from "./command.ts";
import { addLimits, type LimitFlags, limitsOf } from "./limits.ts";

interface UpFlags extends LimitFlags, AudienceFlags {
  phase: Selection;
  to?: string;
  wait: number;
  soak: number;
}

export const addUp: Add = (program, perform) =>
  addLimits(
    addAudience(program.command("up"))
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
        durationOption(
          "--wait <duration>",
          "how long to wait for another migrator, or for the gate of a contract",
          "5m",
        ),
      )
      .addOption(
        durationOption("--soak <duration>", "how long a gate must have been clear without a break", "0s"),
      ),
  ).action((flags: UpFlags) =>
    perform(async ({ schema, recordTable, migrations }, log, stopSignal) => {
      soakFits(flags);
      const options = {
        url: databaseUrl(process.env.DATABASE_URL),
        schema,
        recordTable,
        migrations,
        phase: flags.phase,
        to: flags.to,
        audience: audienceOf(flags),
        waitMs: flags.wait,
        soakMs: flags.soak,
        ...limitsOf(flags),
        beforeWork: () => inThread(),
      };
      return showUp(await up(options, log, stopSignal()));
    }),
  );

function soakFits({ soak, wait }: UpFlags): void {
  if (soak <= wait) return;
  throw new MigratorError(
    ExitCode.Usage,
    "--soak is longer than --wait, so no gate could ever open in time.",
    {
      next: "Raise --wait above it.",
    },
  );
}
