import type { Command } from "commander";
import { type Kind, scaffold } from "../commands/new.ts";
import { showNew } from "../report/new.ts";
import type { Add } from "./command.ts";

interface NewFlags {
  table?: string;
  column?: string;
  type?: string;
  fill?: string;
  notNull?: boolean;
  js?: boolean;
}

export const addNew: Add = (program, perform) => {
  const group = program
    .command("new")
    .description("write the skeleton of a migration, a file for each phase it needs");
  const add = (kind: Kind, description: string, options: (command: Command) => Command) =>
    options(
      group
        .command(`${kind} <name>`)
        .description(description)
        .option("--table <table>", "posts, or blog.posts")
        .option("--column <column>", "name of the column")
        .option("--js", "JavaScript (.mjs) instead of TypeScript"),
    ).action((name: string, { js, ...flags }: NewFlags) =>
      perform(async ({ migrations }) =>
        showNew(await scaffold({ ...flags, kind, name, migrations, language: js ? "js" : "ts" })),
      ),
    );
  const type = "--type <sql>";
  const fill = "--fill <sql>";
  add("add-column", "add a column; with --not-null in three phases: expand, backfill, contract", (command) =>
    command
      .option(type, "type of the column", "text")
      .option("--not-null", "the column ends as NOT NULL")
      .option(fill, "what the rows that are there get"),
  );
  add("backfill", "fill a column in batches", (command) =>
    command.option(fill, "what rows without a value get"),
  );
  add("drop-column", "drop a column when no release uses it any more", (command) =>
    command
      .option(type, "type of the column, to bring it back", "text")
      .option("--not-null", "it is NOT NULL: allow NULL first"),
  );
};
