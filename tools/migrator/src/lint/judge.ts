import type { LoadedMigration } from "../migrations/types.ts";
import { isRecord, recordTables } from "../record/tables.ts";
import { pieces } from "../shadow/sql.ts";
import type { RehearsedMigration } from "../shadow/types.ts";
import type { Case, JudgedStatement, Verdict } from "./finding.ts";
import { compatibilityRules } from "./rules/compatibility.ts";
import { lockRules } from "./rules/locks.ts";
import { rewriteRules } from "./rules/rewrite.ts";
import { writeRules } from "./rules/writes.ts";

const rules = [compatibilityRules, lockRules, rewriteRules, writeRules];

/** Rules that also say why the table is read. */
const explainReading = ["required-column", "rewrite-default", "type-change", "rewrite"];

/** Our own rules on one statement. */
export function judge(statement: JudgedStatement, of: Case): Verdict[] {
  const verdicts = rules.flatMap((rule) => rule(statement, of));
  const explained = verdicts.some(({ rule }) => explainReading.includes(rule));
  return explained ? verdicts.filter(({ rule }) => rule !== "scan-under-lock") : verdicts;
}

/**
 * Puts a rehearsed migration before the rules. What an earlier expand migration of the same release created is
 * nobody's yet; without knowing the release (`together` false), and once the release's code runs, it is in use.
 */
export function caseOf(
  { migration, statements, notRepeatable }: RehearsedMigration,
  options: { schema: string; recordTable?: string | undefined; together: boolean; failed: boolean },
): Case {
  const record = isRecord(recordTables(options.schema, options.recordTable));
  return {
    migration,
    statements: statements
      .filter(({ lookup }) => !lookup)
      .map((statement) => ({ ...statement, pieces: pieces(statement.sql) })),
    notRepeatable,
    failed: options.failed,
    early: migration.phase !== "contract",
    isOld: ({ relation, bornIn }) =>
      !(relation !== undefined && record(relation)) && !isNew(bornIn, migration, options.together),
    isCheckpoint: (relation) => record(relation) && /_backfill"?$/.test(relation),
  };
}

const isNew = (bornIn: string | undefined, migration: LoadedMigration, together: boolean) =>
  bornIn !== undefined && (bornIn === migration.name || (together && migration.phase === "expand"));
