import type { Node } from "libpg-query";
import { strength } from "../../shadow/locks.ts";
import type { Piece } from "../../shadow/sql.ts";
import { nodesIn } from "../../sql/parser.ts";
import type { Case, JudgedStatement, Rule } from "../finding.ts";
import { lockOn } from "./locks.ts";

/** Rows that are changed all at once, and what cannot simply run again. */
export const writeRules: Rule = (statement, of) => {
  const unbatched = unbatchedWrite(statement, of);
  return [
    ...unbatched,
    ...(unbatched.length > 0 ? [] : backfillNotBatched(statement, of)),
    ...notRepeatable(statement, of),
    ...unnamedIndex(statement, of),
    ...unseen(statement, of),
  ];
};

/** `batched` commits its checkpoint with each batch, so their transaction has a lock on that table. */
function isBatched({ transaction, locks }: JudgedStatement, of: Case): boolean {
  const same =
    transaction === undefined ? [] : of.statements.filter((other) => other.transaction === transaction);
  const atCheckpoint = (other: Pick<JudgedStatement, "locks">) =>
    other.locks.some(({ relation }) => of.isCheckpoint(relation));
  if ([{ locks }, ...same].some(atCheckpoint)) return true;
  // A batch that failed never got to its checkpoint; but `batched` had looked for one before it began.
  const failed = of.failed && !of.migration.transactional && transaction !== undefined;
  const last = of.statements.findLast((other) => other.transaction !== undefined)?.transaction;
  return failed && transaction === last && of.statements.some(atCheckpoint);
}

const unbatchedWrite: Rule = (statement, of) => {
  if (!statement.pieces.some(changesRows) || isBatched(statement, of)) return [];
  const targets = statement.pieces.flatMap(writtenTables);
  return statement.locks
    .filter(({ kind, mode }) => kind === "table" && strength(mode) >= strength("RowExclusiveLock"))
    .filter(({ relation, since }) =>
      targets.length > 0 ? targets.includes(bare(relation)) : since === statement.number,
    )
    .filter((lock) => of.isOld(lock))
    .map(({ relation }) => ({
      rule: "unbatched-write",
      message: `It changes rows of ${relation} in one statement: whoever writes one of them waits to the end, VACUUM cannot clean up meanwhile, and replicas fall behind.`,
      lock: lockOn(statement, relation),
      lasts: `as long as changing all those rows of ${relation} takes (each row stays locked to the end)`,
      fix: 'Call batched(runner, { table, set, where }) of @schema-rollout/migrator/online in a migration with phase = "backfill" and transaction = false.',
    }));
};

/** UPDATE, DELETE, MERGE, also in WITH; code, or SQL we cannot read, that took a writer's lock. INSERT waits for nobody. */
function changesRows(piece: Piece): boolean {
  const { node } = piece;
  if (node === undefined || "DoStmt" in node || "CallStmt" in node || "SelectStmt" in node) return true;
  return writtenTables(piece).length > 0;
}

/** The tables a statement names as those it changes, without schema. What a function changes only its locks tell. */
const writtenTables = ({ node = {} as Node }: Piece) =>
  [...nodesIn(node)].flatMap(({ kind, node: { relation } }) => {
    const { relname } = (relation ?? {}) as { relname?: string };
    return /^(Update|Delete|Merge)Stmt$/.test(kind) && relname !== undefined ? [relname] : [];
  });

const bare = (relation: string) => (relation.split(".").at(-1) ?? "").replaceAll('"', "");

const backfillNotBatched: Rule = (statement, of) => {
  const { phase, transactional } = of.migration;
  if (phase !== "backfill" || statement !== of.statements[0]) return [];
  if (!transactional && of.statements.some((other) => isBatched(other, of))) return [];
  return [
    {
      rule: "backfill-not-batched",
      message: `This backfill ${transactional ? "runs in one transaction" : "uses no batches that commit with a checkpoint"}: after an interruption it starts over, and meanwhile others wait for its rows.`,
      lock: undefined,
      lasts: "as long as the whole backfill takes",
      fix: "Say transaction = false and call batched(runner, { table, set, where }) of @schema-rollout/migrator/online.",
    },
  ];
};

const notRepeatable: Rule = (statement, { notRepeatable: reason, statements }) =>
  reason === undefined || statement !== statements[0]
    ? []
    : [
        {
          rule: "not-repeatable",
          message: `It runs outside a transaction, so after a crash it runs again from its start; tried on the shadow database, that failed: ${reason}`,
          lock: undefined,
          lasts: "until somebody repairs it by hand",
          fix: "Write IF NOT EXISTS, IF EXISTS and ON CONFLICT, or use the helpers of @schema-rollout/migrator/online, which look first; else let it run in a transaction.",
        },
      ];

const unnamedIndex: Rule = ({ pieces, changes }) =>
  pieces.some(({ node }) => node !== undefined && "IndexStmt" in node && node.IndexStmt.idxname === undefined)
    ? [
        {
          rule: "unnamed-index",
          message:
            "The index has no name of its own, so neither a repair, nor down(), nor the next release can be sure of it.",
          lock: undefined,
          lasts: "for good",
          fix: `Name it: CREATE INDEX ${changes.find(({ index }) => index)?.relation ?? "posts_title_idx"} ON …`,
        },
      ]
    : [];

const unseen: Rule = (statement) =>
  statement.unseen
    ? [
        {
          rule: "unseen",
          message:
            "It begins or ends a transaction itself, so its locks cannot be seen, and a crash leaves it half done.",
          lock: undefined,
          lasts: "nobody knows",
          fix: "Take BEGIN, COMMIT and ROLLBACK out: a migration is one transaction, and with transaction = false each statement is.",
        },
      ]
    : [];
