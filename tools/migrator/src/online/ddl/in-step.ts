import type { QueryRunner } from "typeorm";
import { select, type Table } from "./catalog.ts";
import { derivedName, quote, type TableName } from "./names.ts";
import { briefly } from "./step.ts";

/** A column on its way from one name to another. */
export interface RenameOptions extends TableName {
  from: string;
  to: string;
}

/** Triggers fire by name: this one is to see what the author's own triggers have made of the row. */
const triggerName = (table: Table, { from, to }: RenameOptions) =>
  derivedName(["zz", table.name, from, to], "in_step");

const functionOf = (table: Table, rename: RenameOptions) =>
  `${quote(table.schema)}.${quote(derivedName([table.name, rename.from, rename.to], "in_step"))}`;

/**
 * Both columns always hold the same, whichever a writer knows. It changes the row before it is written and writes
 * nothing itself, so it cannot call itself. Where one statement gives both different values, the new name counts.
 * Values are compared byte by byte: that also works for types without equality (json), and sees what equality
 * hides (1.0 and 1.00, citext in another case).
 */
const body = ({ from, to }: RenameOptions) => `
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.${quote(to)} IS NULL THEN
      NEW.${quote(to)} := NEW.${quote(from)};
    ELSE
      NEW.${quote(from)} := NEW.${quote(to)};
    END IF;
  ELSIF ${changed(to)} THEN
    NEW.${quote(from)} := NEW.${quote(to)};
  ELSIF ${changed(from)} THEN
    NEW.${quote(to)} := NEW.${quote(from)};
  END IF;
  RETURN NEW;
END`;

const changed = (column: string) =>
  `ROW(NEW.${quote(column)})::record OPERATOR(pg_catalog.*<>) ROW(OLD.${quote(column)})::record`;

export async function keepInStep(runner: QueryRunner, table: Table, rename: RenameOptions): Promise<void> {
  if (await isInStep(runner, table, rename)) return;
  await briefly(runner, {
    sql: `CREATE OR REPLACE FUNCTION ${functionOf(table, rename)}() RETURNS trigger LANGUAGE plpgsql AS ${dollars(body(rename))}`,
    does: `the function that copies ${rename.from} to ${rename.to} and back`,
    lock: "none on any table",
  });
  await briefly(runner, {
    sql: `CREATE OR REPLACE TRIGGER ${quote(triggerName(table, rename))} BEFORE INSERT OR UPDATE ON ${table.sql} FOR EACH ROW EXECUTE FUNCTION ${functionOf(table, rename)}()`,
    does: `from now on ${rename.from} and ${rename.to} of ${table.label} are kept in step, whichever is written`,
    lock: `SHARE ROW EXCLUSIVE on ${table.label}, for a moment`,
  });
}

export async function isInStep(runner: QueryRunner, table: Table, rename: RenameOptions): Promise<boolean> {
  const found = await select(
    runner,
    "SELECT 1 FROM pg_trigger WHERE tgrelid = $1 AND tgname = $2 AND tgenabled <> 'D'",
    [table.oid, triggerName(table, rename)],
  );
  return found.length > 0;
}

/** The statement that ends it; the function goes after the trigger. */
export async function letGo(runner: QueryRunner, table: Table, rename: RenameOptions): Promise<void> {
  await briefly(runner, {
    sql: `DROP TRIGGER IF EXISTS ${quote(triggerName(table, rename))} ON ${table.sql}`,
    does: `${rename.from} and ${rename.to} of ${table.label} are not kept in step any more`,
    lock: `ACCESS EXCLUSIVE on ${table.label}, for a moment`,
  });
  await briefly(runner, {
    sql: `DROP FUNCTION IF EXISTS ${functionOf(table, rename)}()`,
    does: "its function goes with it",
    lock: "none on any table",
  });
}

/** A body may contain any name, and so any closing mark but one that it lacks. */
function dollars(text: string): string {
  let tag = "$in_step$";
  while (text.includes(tag)) tag = `$${tag.slice(1, -1)}_$`;
  return `${tag}${text}${tag}`;
}
