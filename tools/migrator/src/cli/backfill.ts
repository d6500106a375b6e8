import { InvalidArgumentError, Option } from "commander";
import type { Pace } from "../backfill/pace.ts";
import { backfill } from "../commands/backfill.ts";
import { databaseUrl } from "../database/url.ts";
import { duration, positiveDuration } from "../duration.ts";
import { showBackfill } from "../report/backfill.ts";
import { inThread } from "../thread.ts";
import { readerOption, readersOf } from "./audience.ts";
import { type Add, durationOption } from "./command.ts";
import { addLimits, type LimitFlags, limitsOf } from "./limits.ts";

interface BackfillFlags extends LimitFlags {
  again: boolean;
  target?: number;
  share?: number;
  batch?: number;
  maxLag?: number;
  throttle: boolean;
  reader?: string[];
  wait: number;
}

export const addBackfill: Add = (program, perform) =>
  addLimits(
    program
      .command("backfill <name>")
      .description("run one migration of phase backfill alone; goes on where an interrupted run stopped")
      .option("--again", "run it once more though it is applied: sweep what was written since", false)
      .addOption(
        new Option(
          "--target <duration>",
          "how long one batch should take (default: 100ms; 3ms while others use the server)",
        ).argParser(positiveDuration),
      )
      .addOption(
        new Option(
          "--share <percent>",
          "how much of the time to work while others use the server (default: 25)",
        ).argParser(percentage),
      )
      .addOption(
        new Option("--batch <rows>", "rows of the largest batch (default: 10000)").argParser(positiveInteger),
      )
      .addOption(
        new Option("--max-lag <duration>", "how far replicas may be behind (default: 10s)").argParser(
          duration,
        ),
      )
      .option("--no-throttle", "no pauses, whatever the load and the replicas' lag")
      .addOption(readerOption())
      .addOption(durationOption("--wait <duration>", "how long to wait for another migrator", "5m")),
  ).action((name: string, flags: BackfillFlags) =>
    perform(async ({ schema, recordTable, migrations }, log, stopSignal) => {
      inThread();
      const options = {
        url: databaseUrl(process.env.DATABASE_URL),
        schema,
        recordTable,
        migrations,
        name,
        again: flags.again,
        pace: paceOf(flags),
        readers: readersOf(flags),
        waitMs: flags.wait,
        ...limitsOf(flags),
      };
      return showBackfill(await backfill(options, log, stopSignal()));
    }),
  );

/** Only what was said: what is left out is up to the migration. */
const paceOf = ({ target, share, batch, maxLag, throttle }: BackfillFlags): Partial<Pace> => ({
  ...(target !== undefined && { targetMs: target, sharedTargetMs: target }),
  ...(share !== undefined && { share }),
  ...(batch !== undefined && { max: batch }),
  ...(maxLag !== undefined && { maxLagMs: maxLag }),
  ...(!throttle && { throttle }),
});

function positiveInteger(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("Write a number of rows, at least 1.");
}

/** "25" or "25%" as 0.25. */
function percentage(text: string): number {
  const percent = Number(text.replace(/%$/, ""));
  if (text.trim() !== "" && percent >= 1 && percent <= 100) return percent / 100;
  throw new InvalidArgumentError("Write a percentage from 1 to 100.");
}
