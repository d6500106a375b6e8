import { status } from "../commands/status.ts";
import { databaseUrl } from "../database/url.ts";
import { showStatus } from "../report/status.ts";
import { type AudienceFlags, addAudience, audienceOf } from "./audience.ts";
import type { Add } from "./command.ts";

export const addStatus: Add = (program, perform) =>
  addAudience(program.command("status"))
    .description("show what is applied and pending, the next gate, the floor and backfills; changes nothing")
    .action((flags: AudienceFlags) =>
      perform(async ({ migrations, schema, recordTable }, log) => {
        const url = databaseUrl(process.env.DATABASE_URL);
        return showStatus(
          await status({ url, schema, recordTable, migrations, audience: audienceOf(flags) }, log),
        );
      }),
    );
