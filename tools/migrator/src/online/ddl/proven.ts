import type { QueryRunner } from "typeorm";
import { constraintOf, type Table } from "./catalog.ts";
import { quote } from "./names.ts";
import { offendingRows } from "./offending.ts";
import { briefly, codeOf, patiently, say } from "./step.ts";

export interface ProvenConstraint {
  table: Table;
  name: string;
  /** What follows ADD CONSTRAINT name. */
  definition: string;
  /** The same as the server prints it; asked only where a constraint of that name exists. */
  printed(): Promise<string>;
  /** The short lock that adding it takes. */
  lock: string;
  /** The lock while the rows are read. */
  provingLock: string;
  /** Condition of the rows it would refuse. */
  offending: string;
  /** What is wrong with those rows: "without a match in public.categories". */
  violation: string;
}

/** not_null_violation and the like: foreign key, check. */
const violated = new Set(["23503", "23514"]);

/**
 * Adds a constraint in two steps: NOT VALID, which reads nothing and binds new rows, then VALIDATE, which reads the
 * old ones while readers and writers go on. Repeating it goes on where it was interrupted. When rows violate it, the
 * running code is left without it: a NOT VALID check already makes every update of such a row fail.
 */
export async function addProven(runner: QueryRunner, constraint: ProvenConstraint): Promise<void> {
  const { table, name } = constraint;
  const existing = await constraintOf(runner, table, name);
  if (existing !== undefined) await expectSame(constraint, existing.definition);
  if (existing?.validated) return void say(runner, table, `${name} is there and proven; nothing to do`);
  await refuseOffending(
    runner,
    constraint,
    existing === undefined ? "Nothing was changed" : "It is there, NOT VALID, and binds new rows",
  );
  if (existing === undefined) {
    await briefly(runner, {
      sql: `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} ${constraint.definition} NOT VALID`,
      does: `adding ${name} to ${table.label}, NOT VALID: new rows must satisfy it, old ones are not read`,
      lock: constraint.lock,
    });
  }
  try {
    await patiently(runner, {
      sql: `ALTER TABLE ${table.sql} VALIDATE CONSTRAINT ${quote(name)}`,
      does: `proving ${name}: the old rows are read while readers and writers go on`,
      lock: constraint.provingLock,
    });
  } catch (error) {
    if (!violated.has(String(codeOf(error)))) throw error;
    if (existing === undefined) await dropConstraint(runner, table, name);
    await refuseOffending(
      runner,
      constraint,
      existing === undefined ? "It was taken back" : "It stays, NOT VALID, and binds new rows",
    );
    throw error;
  }
}

async function expectSame(constraint: ProvenConstraint, found: string): Promise<void> {
  const wanted = await constraint.printed();
  if (found !== wanted) throw differs(constraint.table, constraint.name, found, wanted);
}

export const differs = (table: Table, name: string, found: string, wanted: string) =>
  new Error(
    `${table.label} already has a ${name}, but another one: ${found}, where ${wanted} is wanted. Drop it first, or choose another name`,
  );

async function refuseOffending(
  runner: QueryRunner,
  { table, name, offending, violation }: ProvenConstraint,
  state: string,
): Promise<void> {
  const rows = await offendingRows(runner, table, offending);
  if (rows === undefined) return;
  throw new Error(
    `${name} cannot be proven on ${table.label}: ${rows} ${violation}. ${state}. Repair the rows, then run again`,
  );
}

/** Drops a constraint if it is there. */
export async function dropConstraint(runner: QueryRunner, table: Table, name: string): Promise<void> {
  if ((await constraintOf(runner, table, name)) === undefined) return;
  await briefly(runner, {
    sql: `ALTER TABLE ${table.sql} DROP CONSTRAINT IF EXISTS ${quote(name)}`,
    does: `dropping the constraint ${name} of ${table.label}: the catalog alone changes`,
    lock: `ACCESS EXCLUSIVE on ${table.label} (and on what a foreign key points to), for a moment`,
  });
}
