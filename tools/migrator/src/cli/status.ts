import { status } from "../commands/status.ts";
import { databaseUrl } from "../database/url.ts";
import { showStatus } from "../report.ts";
import type { Add } from "./command.ts";

export const addStatus: Add = (program, perform) =>
  program
    .command("status")
    .description("show what is applied and what is pending; changes nothing")
    .action(() =>
      perform(async ({ migrations, schema }, log) =>
        showStatus(await status({ url: databaseUrl(process.env.DATABASE_URL), schema, migrations }, log)),
      ),
    );
