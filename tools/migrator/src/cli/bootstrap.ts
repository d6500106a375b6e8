import { bootstrap } from "../commands/bootstrap.ts";
import { showBootstrap } from "../report.ts";
import { type Add, durationOption } from "./command.ts";

export const addBootstrap: Add = (program, perform) =>
  program
    .command("bootstrap")
    .description("create the two roles, the database and their grants, as an administrator; safe to repeat")
    .addOption(durationOption("--wait <duration>", "how long to wait for another bootstrap", "5m"))
    .action(({ wait }: { wait: number }) =>
      perform(async ({ schema }, log) =>
        showBootstrap(await bootstrap({ env: process.env, schema, waitMs: wait }, log)),
      ),
    );
