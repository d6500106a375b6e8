import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { classOf, fileOf, type Source, temporaryFolder } from "./folder.ts";

/** What the services of the examples have in use. */
export const inUse: Source = {
  name: "InUse1600000000000",
  up: [
    "CREATE TYPE mood AS ENUM ('good', 'bad')",
    "CREATE FUNCTION answer() RETURNS int LANGUAGE sql RETURN 42",
    "CREATE TABLE authors (id bigint PRIMARY KEY, email text, name text, city varchar(10), born date)",
    `CREATE TABLE posts (
       id bigint PRIMARY KEY, title text NOT NULL DEFAULT '', subtitle text, slug text, kind text NOT NULL DEFAULT 'a',
       body text, size smallint, author_id bigint, CONSTRAINT posts_slug_key UNIQUE (slug), CONSTRAINT posts_size CHECK (size > 0))`,
    "CREATE TABLE audit (id bigint PRIMARY KEY, note text)",
    "CREATE TABLE drafts (id bigint PRIMARY KEY)",
    "CREATE VIEW recent AS SELECT id FROM posts",
    "CREATE VIEW summaries AS SELECT id FROM authors",
    "CREATE INDEX posts_kind ON posts (kind)",
    "CREATE UNIQUE INDEX authors_email ON authors (email)",
  ],
};

export interface LintSource extends Source {
  /** More of the class's body. */
  properties?: string;
  /** A statement of JavaScript in `up`, after the SQL. */
  calls?: string;
}

/** As sources of one folder, in the order they are written in. */
export const sources = <S extends Omit<Source, "name">>(cases: Record<string, S>, from = 1600000001000) =>
  Object.entries(cases).map(([name, source], index) => ({ ...source, name: `${name}${from + index}` }));

export async function lintFolder(...given: LintSource[]): Promise<string> {
  const dir = await temporaryFolder();
  for (const source of given) {
    const { properties = "", calls } = source;
    const body = classOf(source)
      .replace("{\n", () => `{\n  ${properties}\n`)
      .replace("\n  }\n  async down", () => `${calls ? `\n    await ${calls};` : ""}\n  }\n  async down`);
    await writeFile(join(dir, fileOf(source)), body);
  }
  return dir;
}
