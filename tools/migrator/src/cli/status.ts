import { status } from "../commands/status.ts";
import { databaseUrl } from "../database/url.ts";
import { showStatus } from "../report/status.ts";
import type { Add } from "./command.ts";
import { readerOption } from "./limits.ts";

export const addStatus: Add = (program, perform) =>
  program
    .command("status")
    .description("show what is applied and pending, the next gate, the floor and backfills; changes nothing")
    .addOption(readerOption())
    .action(({ reader }: { reader?: string }) =>
      perform(async ({ migrations, schema, recordTable }, log) => {
        const url = databaseUrl(process.env.DATABASE_URL);
        return showStatus(await status({ url, schema, recordTable, migrations, reader }, log));
      }),
    );
