import { bootstrap } from "../commands/bootstrap.ts";
import { showBootstrap } from "../report.ts";
import { type Add, durationOption } from "./command.ts";

export const addBootstrap: Add = (program, perform) =>
  program
    .command("bootstrap")
    .description("create the two roles, the database and their grants, as an administrator; safe to repeat")
    .option(
      "--take-over",
      "make a database that another role owns the migrator's; who could connect still can",
    )
    .addOption(durationOption("--wait <duration>", "how long to wait for another bootstrap", "5m"))
    .action(({ takeOver, wait }: { takeOver?: boolean; wait: number }) =>
      perform(async ({ schema, recordTable }, log) =>
        showBootstrap(
          await bootstrap({ env: process.env, schema, recordTable, takeOver, waitMs: wait }, log),
        ),
      ),
    );
