import type { Rule } from "../finding.ts";
import { whileReading, whileRewriting } from "../finding.ts";
import { lockOn } from "./locks.ts";

/** Tables that get new files: every row is written again while nobody else can even read. */
export const rewriteRules: Rule = (statement, { isOld }) => {
  const { changes, rewritten, scanned, pieces } = statement;
  const isRewritten = (table: string) => rewritten.some(({ relation }) => relation === table);
  const added = changes
    .filter(({ what, relation }) => what === "column added" && isRewritten(relation))
    .filter(isOld)
    .map(({ relation, columns: [column] }) => ({
      rule: "rewrite-default",
      message: `Adding ${relation}.${column?.name} rewrites the whole table: its value is computed for each row (a volatile default, or GENERATED … STORED).`,
      lock: lockOn(statement, relation),
      lasts: whileRewriting(relation),
      fix: "Add the column without a default, ALTER COLUMN … SET DEFAULT in a second statement (it counts for new rows), and fill the old rows with batched(runner, { … }) in a backfill.",
    }));
  const indexesRebuilt = rewritten.some(({ kind, bornIn }) => kind === "index" && bornIn === undefined);
  const retyped = changes
    .filter(({ what, relation }) => {
      const read = scanned.some((table) => table.relation === relation);
      return what === "type changed" && (isRewritten(relation) || read || indexesRebuilt);
    })
    .filter(isOld)
    .map(({ relation, columns: [column], detail }) => ({
      rule: "type-change",
      message: `Changing ${relation}.${column?.name} from ${detail} ${isRewritten(relation) ? "rewrites the whole table" : "reads the whole table or builds its indexes anew"}, and older code may not expect the new type.`,
      lock: lockOn(statement, relation),
      lasts: isRewritten(relation) ? whileRewriting(relation) : whileReading(relation),
      fix: "Add a column of the new type beside it, keep both in step and copy with batched(runner, { … }), let the new code use it, and drop the old one in a contract (addColumnCopy of @schema-rollout/migrator/online is the pattern).",
    }));
  const explained = [...added, ...retyped].map(({ lock }) => lock?.relation);
  const emptied = pieces.some(({ node }) => node !== undefined && "TruncateStmt" in node);
  const others = rewritten
    .filter(({ relation, kind, bornIn }) => kind !== "index" && isOld({ relation, bornIn }))
    .filter(({ relation }) => !emptied && !explained.includes(relation))
    .map(({ relation }) => ({
      rule: "rewrite",
      message: `${relation} is rewritten as a whole.`,
      lock: lockOn(statement, relation),
      lasts: whileRewriting(relation),
      fix: "Fill a new table in batches and switch over, or use a tool that rewrites online (pg_repack; REPACK CONCURRENTLY from PostgreSQL 19).",
    }));
  return [...added, ...retyped, ...others];
};
