import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BatchedSpec } from "../../src/online/index.ts";
import { saySharedSchema, type TestDatabase } from "./database.ts";
import { temporaryFolder } from "./folder.ts";

const online = pathToFileURL(join(import.meta.dirname, "..", "..", "src", "online", "index.ts")).href;

export interface BackfillSource {
  name?: string;
  phase?: string;
  transaction?: boolean;
  /** Statements after the backfill. */
  afterwards?: string;
}

export const backfillName = "FillKind1700000005000";

/** A folder with one migration that calls `batched`, as a person would write it. */
export async function backfillFolder(
  specs: BatchedSpec | BatchedSpec[],
  { name = backfillName, phase = "expand", transaction = false, afterwards = "" }: BackfillSource = {},
  dir?: string,
): Promise<string> {
  const folder = dir ?? (await temporaryFolder());
  const calls = [specs].flat().map((spec) => `await batched(queryRunner, ${JSON.stringify(spec)});`);
  await writeFile(
    join(folder, `${name.slice(-13)}-${name.slice(0, -13)}.mjs`),
    `import { batched } from ${JSON.stringify(online)};
export class ${name} {
  phase = ${JSON.stringify(phase)};
  transaction = ${transaction};
  async up(queryRunner) {
    ${calls.join("\n    ")}
    ${afterwards}
  }
  async down() {}
}
`,
  );
  return folder;
}

/** A table whose rows get a kind; each change of a row is counted, and each try of one (a sequence is never rolled back). */
export async function createCounted(database: TestDatabase, rows: number): Promise<void> {
  await database.query(`
    CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text, kind text, changes int NOT NULL DEFAULT 0);
    CREATE SEQUENCE tries;
    CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.changes := OLD.changes + 1; PERFORM nextval('tries'); RETURN NEW; END $$;
    INSERT INTO posts (body) SELECT repeat(md5(i::text), 6) FROM generate_series(1, ${rows}) i;
    CREATE TRIGGER count_change BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION count_change();
    ANALYZE posts`);
  await saySharedSchema(database);
}

export const fillKind: BatchedSpec = { table: "posts", set: "kind = 'note'", where: "kind IS NULL" };

/** How many rows were changed how often. */
export const changes = (database: TestDatabase) =>
  database.query<{ kind: string | null; changes: number; n: number }>(
    "SELECT kind, changes, count(*)::int AS n FROM posts GROUP BY 1, 2 ORDER BY 1, 2",
  );

export const checkpoint = async (database: TestDatabase, name = backfillName) =>
  (
    await database.query<{
      cursor: { after?: string[]; scanned: number; sweeping?: true };
      rows_done: string;
      estimate: string;
      state: string;
    }>("SELECT * FROM migrations_backfill WHERE name = $1", [name])
  )[0];
