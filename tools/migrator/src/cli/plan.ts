import { Option } from "commander";
import { databaseUrl } from "../database/url.ts";
import type { Phase } from "../migrations/types.ts";
import { inThread } from "../thread.ts";
import type { Add } from "./command.ts";

interface PlanFlags {
  phase: Phase | "all";
  shadow?: string;
}

export const shadowOption = () =>
  new Option(
    "--shadow <url>",
    "server to try migrations out on: in a database made for it, or in the named one if that is empty (default: a PostgreSQL started for it)",
  ).env("SHADOW_DATABASE_URL");

export const addPlan: Add = (program, perform) =>
  program
    .command("plan")
    .description("show the SQL of what is pending and the locks it takes, tried out on a shadow database")
    .addOption(
      new Option("--phase <phase>", "only what is pending of this phase")
        .choices(["expand", "backfill", "contract", "all"])
        .default("all"),
    )
    .addOption(shadowOption())
    .action((flags: PlanFlags) =>
      perform(async ({ migrations, schema, recordTable }, log, stopSignal) => {
        inThread();
        // Loaded here: `up` has no use for it.
        const [{ plan }, { showPlan }] = await Promise.all([
          import("../commands/plan.ts"),
          import("../report/plan.ts"),
        ]);
        const url = databaseUrl(process.env.DATABASE_URL);
        const { phase, shadow } = flags;
        return showPlan(
          await plan({ url, schema, recordTable, migrations, phase, shadow }, log, stopSignal()),
        );
      }),
    );
