import { Option } from "commander";
import { inThread } from "../thread.ts";
import type { Add } from "./command.ts";
import { shadowOption } from "./plan.ts";

interface LintFlags {
  since?: string;
  base?: string;
  sources?: string;
  shadow?: string;
  squawk?: string;
  exclude: string[];
  format: "text" | "json" | "github";
}

export const addLint: Add = (program, perform) =>
  program
    .command("lint")
    .description(
      "judge migrations by what they do to a shadow database; 20 when one is unsafe under a live service",
    )
    .option(
      "--since <name>",
      "judge the migrations after this one (default: all, each as a release of its own)",
    )
    .option("--base <path>", "judge those that are not in this folder of migrations, or migrations.json")
    .option("--sources <dir>", "the sources, to name file and line where the migrations were built")
    .addOption(shadowOption())
    .addOption(new Option("--squawk <path>", "the squawk program (default: the installed one)").env("SQUAWK"))
    .addOption(
      new Option("--exclude <rules>", "comma-separated rules whose findings are listed and accepted")
        .argParser((text) => text.split(",").map((rule) => rule.trim()))
        .default([], "none"),
    )
    .addOption(
      new Option("--format <format>", "github: annotations for a pull request")
        .choices(["text", "json", "github"])
        .default("text"),
    )
    .action(({ format, ...flags }: LintFlags) =>
      perform(async ({ migrations, schema, recordTable, json }, log, stopSignal) => {
        inThread();
        // Loaded here: `up` has no use for it.
        const [{ lint }, { showLint }] = await Promise.all([
          import("../commands/lint.ts"),
          import("../report/lint.ts"),
        ]);
        const { since, base, sources, shadow, squawk, exclude } = flags;
        const result = await lint(
          { migrations, schema, recordTable, since, base, sources, shadow, squawk, exclude },
          log,
          stopSignal(),
        );
        return showLint(result, json ? "json" : format);
      }),
    );
