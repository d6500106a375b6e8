import type { Source } from "./folder.ts";

export interface RedCase extends Omit<Source, "name"> {
  /** The rules that must say something about it, and no other may. */
  rules: string[];
  /** What the first of them says about its lock, and for how long. */
  lock?: string;
  lasts?: RegExp;
}

/** Every rule of ours with statements it must refuse. */
export const red: Record<string, RedCase> = {
  DropColumn: {
    up: "ALTER TABLE posts DROP COLUMN subtitle",
    rules: ["drop-in-use"],
    lock: "AccessExclusiveLock posts",
    lasts: /the lock an instant.*the fault until the older code is gone/,
  },
  DropTable: { up: "DROP TABLE drafts", rules: ["drop-in-use"], lock: "AccessExclusiveLock drafts" },
  DropView: { up: "DROP VIEW recent", rules: ["drop-in-use"] },
  DropConstraint: { up: "ALTER TABLE posts DROP CONSTRAINT posts_slug_key", rules: ["drop-in-use"] },
  DropUniqueIndex: {
    transaction: false,
    up: "DROP INDEX CONCURRENTLY IF EXISTS authors_email",
    rules: ["drop-in-use"],
    lock: "ShareUpdateExclusiveLock authors",
  },
  DropDefault: { up: "ALTER TABLE posts ALTER COLUMN kind DROP DEFAULT", rules: ["drop-in-use"] },
  DropFunction: { up: "DROP FUNCTION answer()", rules: ["drop-in-use"] },
  DropType: { up: "DROP TYPE mood", rules: ["drop-in-use"] },
  Truncate: { up: "TRUNCATE audit", rules: ["drop-in-use"] },
  RenameColumn: { up: "ALTER TABLE posts RENAME COLUMN body TO content", rules: ["rename"] },
  RenameTable: {
    up: "ALTER TABLE audit RENAME TO audits",
    rules: ["rename"],
    lock: "AccessExclusiveLock audit",
  },
  RenameInContract: {
    phase: "contract",
    up: "ALTER TABLE authors RENAME COLUMN born TO birthday",
    rules: ["rename"],
  },
  NotNull: {
    phase: "contract",
    up: "ALTER TABLE posts ALTER COLUMN size SET NOT NULL",
    rules: ["set-not-null"],
    lock: "AccessExclusiveLock posts",
    lasts: /as long as reading all of posts takes/,
  },
  CheckTooEarly: {
    up: "ALTER TABLE posts ADD CONSTRAINT titled CHECK (title <> '') NOT VALID",
    rules: ["contract-work"],
  },
  UniqueTooEarly: {
    transaction: false,
    up: "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title)",
    rules: ["contract-work"],
  },
  RequiredColumn: { up: "ALTER TABLE authors ADD COLUMN country text NOT NULL", rules: ["required-column"] },
  RequiredByCheck: {
    up: "ALTER TABLE authors ADD COLUMN phone text, ADD CONSTRAINT reachable CHECK (phone IS NOT NULL) NOT VALID",
    rules: ["contract-work"],
  },
  ForeignKey: {
    phase: "contract",
    up: "ALTER TABLE posts ADD CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES authors",
    rules: ["foreign-key"],
    lock: "ShareRowExclusiveLock posts",
    lasts: /as long as reading all of posts takes/,
  },
  Index: {
    up: "CREATE INDEX posts_author_id ON posts (author_id)",
    rules: ["create-index"],
    lock: "ShareLock posts",
    lasts: /as long as reading all of posts takes/,
  },
  Unique: {
    phase: "contract",
    up: "ALTER TABLE authors ADD CONSTRAINT authors_name_key UNIQUE (name)",
    rules: ["add-unique"],
    lock: "AccessExclusiveLock authors",
  },
  ValidCheck: {
    phase: "contract",
    up: "ALTER TABLE authors ADD CONSTRAINT named CHECK (name <> '')",
    rules: ["scan-under-lock"],
    lock: "AccessExclusiveLock authors",
    lasts: /as long as reading all of authors takes/,
  },
  ValidateUnderLock: {
    phase: "contract",
    up: [
      "ALTER TABLE authors ADD CONSTRAINT unborn CHECK (birthday > '1900-01-01') NOT VALID",
      "ALTER TABLE authors VALIDATE CONSTRAINT unborn",
    ],
    rules: ["scan-under-lock"],
    lock: "AccessExclusiveLock authors",
  },
  HeldAcross: {
    up: ["ALTER TABLE posts ADD COLUMN a text", "ALTER TABLE authors ADD COLUMN b text"],
    rules: ["held-across"],
    lock: "AccessExclusiveLock posts",
    lasts: /until the transaction ends/,
  },
  VolatileDefault: {
    up: "ALTER TABLE posts ADD COLUMN token uuid DEFAULT gen_random_uuid()",
    rules: ["rewrite-default"],
    lock: "AccessExclusiveLock posts",
    lasts: /as long as rewriting all of posts takes/,
  },
  Retype: {
    up: "ALTER TABLE posts ALTER COLUMN size TYPE numeric",
    rules: ["type-change"],
    lock: "AccessExclusiveLock posts",
    lasts: /as long as rewriting all of posts takes/,
  },
  Rewrite: { up: "ALTER TABLE audits SET UNLOGGED", rules: ["rewrite"], lasts: /rewriting all of audits/ },
  Update: {
    up: "UPDATE posts SET kind = 'b' WHERE kind = 'a'",
    rules: ["unbatched-write"],
    lock: "RowExclusiveLock posts",
    lasts: /each row stays locked to the end/,
  },
  Delete: {
    up: "WITH old AS (SELECT 1) DELETE FROM ONLY public.posts USING old",
    rules: ["unbatched-write"],
  },
  HiddenUpdate: { up: "DO $$ BEGIN UPDATE authors SET name = 'x'; END $$", rules: ["unbatched-write"] },
  BackfillAtOnce: {
    phase: "backfill",
    up: "INSERT INTO audits (id) SELECT id FROM posts",
    rules: ["backfill-not-batched"],
  },
  NotRepeatable: { transaction: false, up: "CREATE TABLE once (id bigint)", rules: ["not-repeatable"] },
  DoublesRows: {
    transaction: false,
    up: "INSERT INTO audits (id) SELECT 1 + coalesce(max(id), 0) FROM audits",
    rules: ["not-repeatable"],
  },
  OwnTransaction: {
    transaction: false,
    up: "BEGIN; ALTER TABLE authors ADD COLUMN IF NOT EXISTS fax text; COMMIT",
    rules: ["unseen"],
  },
  UnnamedIndex: {
    up: "CREATE TABLE notes (id bigint); CREATE INDEX ON notes (id)",
    rules: ["unnamed-index"],
  },
  Char: { up: "ALTER TABLE posts ADD COLUMN code char(3)", rules: ["squawk/ban-char-field"] },
  LoosenedTooEarly: {
    up: "ALTER TABLE posts ALTER COLUMN title DROP NOT NULL",
    rules: ["squawk/ban-drop-not-null"],
  },
};
