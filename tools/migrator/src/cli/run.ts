import { Option } from "commander";
import { run } from "../commands/run.ts";
import { databaseUrl } from "../database/url.ts";
import { showRun } from "../report.ts";
import { inThread } from "../thread.ts";
import type { Add } from "./command.ts";

export const addRun: Add = (program, perform) =>
  program
    .command("run <name> [args...]")
    .description("run a command of the service: the default export of NAME in the commands folder")
    .addOption(
      new Option("--commands <dir>", "folder of the commands").env("COMMANDS_DIR").default("commands"),
    )
    .allowUnknownOption()
    .action((name: string, args: string[], { commands }: { commands: string }) =>
      perform(async ({ schema, recordTable }, log, stopSignal) => {
        inThread({ stdin: true });
        const url = databaseUrl(process.env.DATABASE_URL);
        const options = { url, schema, recordTable, commands, name, args };
        return showRun(name, await run(options, log, stopSignal()));
      }),
    );
