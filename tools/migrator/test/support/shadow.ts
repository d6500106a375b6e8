import { createRequire } from "node:module";
import { inject } from "vitest";
import { type Finished, migrator, type Start } from "./cli.ts";
import { secret, type TestDatabase, urlOf } from "./database.ts";

/** The bundle stands alone, so it is told where squawk is; and the tests' own server lends the shadow database. */
export const withShadow = (): NodeJS.ProcessEnv => ({
  SQUAWK: createRequire(import.meta.url)("squawk-cli/js/index.js").getBinaryPath(),
  SHADOW_DATABASE_URL: inject("adminUrl"),
});

export interface PlannedStatement {
  sql: string;
  transaction?: number;
  watched: boolean;
  lookup: boolean;
  checkpoint: boolean;
  parameters: unknown[];
  locks: { relation: string; kind: string; mode: string; since: number; bornIn?: string; blocks: object }[];
  rewritten: { relation: string; kind: string }[];
  scanned: { relation: string }[];
}

export interface PlannedMigration {
  name: string;
  phase: string;
  transactional: boolean;
  needs?: string;
  statements: PlannedStatement[];
}

export async function plan(
  args: string[],
  start: Start,
): Promise<Finished & { pending: PlannedMigration[] }> {
  const finished = await migrator(["plan", "--json", ...args], {
    ...start,
    env: { ...withShadow(), ...start.env },
  });
  return { ...finished, pending: JSON.parse(finished.stdout).pending };
}

export interface LintFinding {
  rule: string;
  migration: string;
  file: string;
  line: number;
  sql: string;
  message: string;
  lasts: string;
  fix: string;
  accepted?: string;
  lock?: { mode: string; relation: string; blocks: { reads: boolean; writes: boolean } };
}

export async function lint(
  args: string[],
  start: Start,
): Promise<Finished & { findings: LintFinding[]; judged: string[] }> {
  const finished = await migrator(["lint", "--json", ...args], {
    ...start,
    env: { ...withShadow(), ...start.env },
  });
  const { findings, judged } = JSON.parse(finished.stdout);
  return { ...finished, findings, judged };
}

/** A role of the test's own that may create databases, and those of it that a run should have dropped. */
export async function shadowRole(database: TestDatabase) {
  const admin = await database.admin();
  const name = `${database.name}_shadow`;
  await admin.query(`CREATE ROLE ${name} LOGIN CREATEDB PASSWORD '${secret}'`);
  return {
    env: { SHADOW_DATABASE_URL: urlOf("postgres", name, secret) },
    async databases(): Promise<string[]> {
      const { rows } = await admin.query(
        "SELECT datname FROM pg_database WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = $1)",
        [name],
      );
      return rows.map(({ datname }) => datname);
    },
  };
}
