import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface Source {
  /** Class name with its timestamp. */
  name: string;
  up: string | string[];
  down?: string | string[];
  phase?: string;
  needs?: number;
  touches?: string[];
  transaction?: boolean;
}

export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "migrator-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A folder of migration classes as a person would write them. */
export async function migrationsFolder(...sources: Source[]): Promise<string> {
  const dir = await temporaryFolder();
  for (const source of sources) await writeFile(join(dir, fileOf(source)), classOf(source));
  return dir;
}

export const fileOf = ({ name }: Source) => `${name.slice(-13)}-${name.slice(0, -13)}.mjs`;

export const classOf = ({ name, up, down = [], phase, needs, touches, transaction }: Source) => `
export class ${name} {
  ${phase ? `phase = ${JSON.stringify(phase)};` : ""}
  ${needs === undefined ? "" : `needs = ${needs};`}
  ${touches === undefined ? "" : `touches = ${JSON.stringify(touches)};`}
  ${transaction === undefined ? "" : `transaction = ${transaction};`}
  async up(queryRunner) {${statements(up)}
  }
  async down(queryRunner) {${statements(down)}
  }
}
`;

const statements = (sql: string | string[]) =>
  [sql]
    .flat()
    .map((text) => `\n    await queryRunner.query(${JSON.stringify(text)});`)
    .join("");

export const createPosts: Source = {
  name: "CreatePosts1700000000000",
  up: "CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL DEFAULT '')",
  down: "DROP TABLE posts",
};

export const addAuthor: Source = {
  name: "AddAuthor1700000001000",
  up: "ALTER TABLE posts ADD COLUMN author text",
  down: "ALTER TABLE posts DROP COLUMN author",
};

export const indexTitles: Source = {
  name: "IndexTitles1700000002000",
  transaction: false,
  up: "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title)",
  down: "DROP INDEX CONCURRENTLY IF EXISTS posts_title",
};
