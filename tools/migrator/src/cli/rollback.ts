import { rollback } from "../commands/rollback.ts";
import { databaseUrl } from "../database/url.ts";
import { showRollback } from "../report/rollback.ts";
import { inThread } from "../thread.ts";
import { type AudienceFlags, addAudience, audienceOf } from "./audience.ts";
import { type Add, durationOption } from "./command.ts";
import { addLimits, type LimitFlags, limitsOf } from "./limits.ts";

interface RollbackFlags extends LimitFlags, AudienceFlags {
  to?: string;
  wait: number;
}

export const addRollback: Add = (program, perform) =>
  addLimits(
    addAudience(program.command("rollback"))
      .description("revert the last applied migration; refused while a release that knows it is alive")
      .option("--to <name>", "revert everything after this one, the last one first")
      .addOption(durationOption("--wait <duration>", "how long to wait for another migrator", "5m")),
  ).action((flags: RollbackFlags) =>
    perform(async ({ schema, recordTable, migrations }, log, stopSignal) => {
      inThread();
      const options = {
        url: databaseUrl(process.env.DATABASE_URL),
        schema,
        recordTable,
        migrations,
        to: flags.to,
        audience: audienceOf(flags),
        waitMs: flags.wait,
        ...limitsOf(flags),
      };
      return showRollback(await rollback(options, log, stopSignal()));
    }),
  );
