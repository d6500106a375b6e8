import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Phase } from "../migrations/types.ts";
import { addColumn } from "../scaffold/add-column.ts";
import { backfill } from "../scaffold/backfill.ts";
import { type Column, type ColumnFlags, columnOf } from "../scaffold/column.ts";
import { dropColumn } from "../scaffold/drop-column.ts";
import { migrationFilesOf, timestampsAfter } from "../scaffold/folder.ts";
import { type Language, render } from "../scaffold/skeleton.ts";

export const kinds = { "add-column": addColumn, backfill, "drop-column": dropColumn } as const;

export type Kind = keyof typeof kinds;

export interface NewOptions extends ColumnFlags {
  kind: Kind;
  name: string;
  migrations: string;
  language: Language;
}

export interface NewResult {
  files: { path: string; name: string; phase: Phase }[];
  /** What the author does next, in order. */
  next: string[];
}

/** Writes the skeletons of one change, a file for each phase it needs. Never over a file that is there. */
export async function scaffold(options: NewOptions): Promise<NewResult> {
  const { kind, migrations, language } = options;
  const name = className(options.name);
  const column = columnOf(options);
  if (kind === "add-column" && column.notNull && options.fill === undefined) {
    throw new MigratorError(ExitCode.Usage, "A NOT NULL column needs a value for the rows that are there.", {
      next: `Give it as SQL: --fill "''", --fill "lower(title)".`,
    });
  }
  const skeletons = kinds[kind](name, column);
  const files = await migrationFilesOf(migrations);
  for (const skeleton of skeletons) refuseTwice(files, skeleton.name, migrations);
  const timestamps = await timestampsAfter(migrations, files, skeletons.length);
  const written: NewResult["files"] = [];
  for (const [index, skeleton] of skeletons.entries()) {
    const timestamp = timestamps[index] ?? 0;
    const path = join(migrations, `${timestamp}-${skeleton.name}.${language === "ts" ? "ts" : "mjs"}`);
    await writeFile(path, render(skeleton, timestamp, language), { flag: "wx" });
    written.push({ path, name: `${skeleton.name}${timestamp}`, phase: skeleton.phase });
  }
  return { files: written, next: nextSteps(options, column) };
}

/** `AddSubtitle`, also from `add-subtitle` and `add_subtitle`. */
function className(text: string): string {
  const name = text
    .split(/[-_\s]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  if (/^[A-Za-z][A-Za-z0-9]*$/.test(name) && !/\d{13}$/.test(name)) return name;
  throw new MigratorError(ExitCode.Usage, `${JSON.stringify(text)} cannot be the name of a migration.`, {
    next: "Use letters and digits, beginning with a letter and without a timestamp: AddSubtitle, or add-subtitle.",
  });
}

function refuseTwice(files: readonly string[], name: string, dir: string): void {
  const there = files.find((file) => file.replace(/^\d+-|\.\w+$/g, "") === name);
  if (there === undefined) return;
  throw new MigratorError(ExitCode.Usage, `${join(dir, there)} is there already.`, {
    next: "Choose another name, or delete it first. Nothing was written.",
  });
}

function nextSteps({ kind, fill }: NewOptions, column: Column): string[] {
  const open = [
    ...column.placeholders,
    ...(kind === "backfill" && fill === undefined ? ["fill_expression"] : []),
  ];
  return [
    ...(open.length > 0 ? [`Replace ${open.join(", ")}; PostgreSQL refuses the migration until then.`] : []),
    ...about[kind](column),
    "Look at the locks it takes (migrator plan) and have it judged (migrator lint).",
  ];
}

const about: Record<Kind, (column: Column) => string[]> = {
  "add-column": ({ name, notNull }) =>
    notNull
      ? [`The release that brings these three always writes ${name}, and can read NULL until the contract.`]
      : [`The release that brings it can read NULL in ${name}.`],
  backfill: () => [
    "The condition (where) must become false by what is set: that is how a row counts as done.",
  ],
  "drop-column": ({ name }) => [
    `The release that brings it neither reads nor writes ${name}; once it is applied, older ones are refused.`,
  ],
};
