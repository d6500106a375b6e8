import type { MigratorError } from "../errors.ts";
import { attemptedNotNull } from "../lint/attempted.ts";
import { type Range, split } from "../lint/base.ts";
import type { Case, Finding, Verdict } from "../lint/finding.ts";
import { caseOf, judge } from "../lint/judge.ts";
import { lineOf, sourceOf } from "../lint/locate.ts";
import { accept } from "../lint/override.ts";
import { checkRuleNames } from "../lint/rule-names.ts";
import { findSquawk, type SquawkFinding, squawk } from "../lint/squawk.ts";
import { fromSquawk } from "../lint/squawk-rules.ts";
import type { Log } from "../log.ts";
import { readMigrations } from "../migrations/read.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { withShadow } from "../shadow/open.ts";
import { rehearse } from "../shadow/rehearse.ts";

export interface LintOptions extends Range {
  migrations: string;
  /** Schema of the record tables in the shadow database. */
  schema: string | undefined;
  recordTable?: string | undefined;
  /** Where the sources are, when `migrations` was built. */
  sources: string | undefined;
  shadow: string | undefined;
  /** Path of the squawk program. */
  squawk: string | undefined;
  /** Rules whose findings are listed and accepted. */
  exclude: readonly string[];
}

export interface LintResult {
  /** Names of the migrations that were judged. */
  judged: string[];
  findings: Finding[];
  shadow: string | undefined;
}

/** Runs migrations on a shadow database and judges what their statements did there. Needs no other database. */
export async function lint(options: LintOptions, log: Log, signal: AbortSignal): Promise<LintResult> {
  const { schema = "public", recordTable } = options;
  const local = await readMigrations(options.migrations);
  const { base, judged, together } = await split(local, options);
  // Before anything runs: without it nothing would be judged.
  const binary = await findSquawk(options.squawk);
  await checkRuleNames(options.exclude, binary);
  if (judged.length === 0) return { judged: [], findings: [], shadow: undefined };
  const surroundings = { schema, searchPath: undefined, schemas: [schema], roles: [], identity: undefined };
  return withShadow(options.shadow, surroundings, async ({ url, description, version }) => {
    const { migrations, failure, failedSql } = await rehearse(
      { url, schema, recordTable, base, pending: judged, repeat: true },
      log,
      signal,
    );
    const attempted = failure && attemptedNotNull(migrations, failure, failedSql);
    const cases = migrations.map((rehearsed, index) => {
      const failed = failure !== undefined && index === migrations.length - 1;
      const statements = [...rehearsed.statements, ...(failed && attempted ? [attempted] : [])];
      return caseOf({ ...rehearsed, statements }, { schema, recordTable, together, failed });
    });
    const bySquawk = await squawk(binary, cases, version);
    const findings: Finding[] = [];
    for (const of of cases) findings.push(...(await findingsOf(of, bySquawk.get(of) ?? [], options.sources)));
    const failed = cases.at(-1);
    if (failure !== undefined && failed !== undefined) {
      const finding = await failureOf(failure, failed.migration, failedSql, options.sources);
      findings.push(
        attempted ? { ...finding, fix: "Do what is said of the same statement above." } : finding,
      );
    }
    return {
      judged: judged.map(({ name }) => name),
      findings: findings.map((finding) => excluded(finding, options.exclude)),
      shadow: description,
    };
  });
}

async function findingsOf(of: Case, bySquawk: SquawkFinding[], sources?: string): Promise<Finding[]> {
  const source = await sourceOf(of.migration, sources);
  const found = of.statements.flatMap((statement) => {
    const own = judge(statement, of);
    const others = bySquawk
      .filter((finding) => finding.statement === statement)
      .flatMap((finding) => fromSquawk(finding, own, of));
    return unique([...own, ...others]).map((verdict) => ({ verdict, statement }));
  });
  return accept(of, found).map(({ verdict, statement, reason }) => ({
    ...verdict,
    migration: of.migration.name,
    phase: of.migration.phase,
    file: source.path,
    line: lineOf(source, statement.sql),
    sql: statement.sql.trim(),
    accepted: reason,
  }));
}

const excluded = (finding: Finding, rules: readonly string[]): Finding =>
  finding.accepted === undefined && rules.includes(finding.rule)
    ? { ...finding, accepted: "left out by --exclude" }
    : finding;

/** A statement with several parts may break one rule several times with the same words. */
const unique = (verdicts: Verdict[]) =>
  verdicts.filter(
    ({ rule, message }, index) =>
      verdicts.findIndex((other) => other.rule === rule && other.message === message) === index,
  );

async function failureOf(
  failure: MigratorError,
  migration: LoadedMigration,
  sql = "",
  sources?: string,
): Promise<Finding> {
  const source = await sourceOf(migration, sources);
  return {
    rule: "fails",
    message: `It fails on the shadow database, so nothing after it was judged: ${failure.message}`,
    lock: undefined,
    lasts: "until it is repaired",
    fix: failure.next ?? "Repair it.",
    migration: migration.name,
    phase: migration.phase,
    file: source.path,
    line: lineOf(source, sql),
    sql: sql.trim(),
    accepted: undefined,
  };
}
