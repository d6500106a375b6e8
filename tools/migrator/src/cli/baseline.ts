import { Option } from "commander";
import { databaseUrl } from "../database/url.ts";
import { inThread } from "../thread.ts";
import { readerOption, readersOf } from "./audience.ts";
import { type Add, durationOption } from "./command.ts";
import { addLimits, type LimitFlags, limitsOf } from "./limits.ts";
import { shadowOption } from "./plan.ts";

interface BaselineFlags extends LimitFlags {
  to?: string;
  none: boolean;
  dryRun: boolean;
  acceptDifferences: boolean;
  shadow?: string;
  reader?: string[];
  wait: number;
}

export const addBaseline: Add = (program, perform) =>
  addLimits(
    program
      .command("baseline")
      .description(
        "record that the schema has these migrations already, without running them; compares it with a shadow database",
      )
      .option("--to <name>", "the last migration that the schema has (default: all)")
      .addOption(
        new Option("--none", "record that none is applied: what is there is not from these migrations")
          .default(false)
          .conflicts("to"),
      )
      .option("--dry-run", "show and check; write nothing", false)
      .option("--accept-differences", "record it though the schema is not what the migrations make", false)
      .addOption(shadowOption())
      .addOption(readerOption())
      .addOption(durationOption("--wait <duration>", "how long to wait for another migrator", "5m")),
  ).action((flags: BaselineFlags) =>
    perform(async ({ schema, recordTable, migrations }, log, stopSignal) => {
      inThread();
      // Loaded here: `up` has no use for it.
      const [{ baseline }, { showBaseline }] = await Promise.all([
        import("../commands/baseline.ts"),
        import("../report/baseline.ts"),
      ]);
      const options = {
        url: databaseUrl(process.env.DATABASE_URL),
        schema,
        recordTable,
        migrations,
        to: flags.to,
        none: flags.none,
        dryRun: flags.dryRun,
        acceptDifferences: flags.acceptDifferences,
        shadow: flags.shadow,
        readers: readersOf(flags),
        waitMs: flags.wait,
        ...limitsOf(flags),
      };
      return showBaseline(await baseline(options, log, stopSignal()));
    }),
  );
