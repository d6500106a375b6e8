import type { Database, Lab } from "./database.ts";
import { appRole } from "./database.ts";
import { endWithin, type Program, runBoundMs } from "./program.ts";

export const rows = 6_000;

export interface Templates {
  /** A database in which everything before this migration is applied, and rows are there. */
  before(migration: string): Promise<Database>;
}

/** Prepares each state once, from the one before it, and copies it as often as needed. */
export function createTemplates(lab: Lab, program: Program, prefix: string): Templates {
  const prepared = new Map<number, Promise<string>>();
  let copies = 0;
  const template = (level: number): Promise<string> => {
    const there = prepared.get(level) ?? prepare(level);
    prepared.set(level, there);
    return there;
  };
  const prepare = async (level: number): Promise<string> => {
    const name = `${prefix}_before_${level}`;
    const database = await lab.createDatabase(name, level > 1 ? await template(level - 1) : undefined);
    const last = program.names[level - 1] ?? "";
    const run = program.start(["up", "--phase", "all", "--to", last, "--reader", appRole], database.url);
    const end = await endWithin(run, runBoundMs);
    if (end?.code !== 0) throw new Error(`cannot prepare ${last}: ${end?.log ?? "it does not end"}`);
    if (level === 1) await fill(database);
    await database.leave();
    return name;
  };
  return {
    async before(migration) {
      const level = program.names.indexOf(migration);
      if (level < 1) throw new Error(`nothing is before ${migration}`);
      return lab.createDatabase(`${prefix}_${++copies}`, await template(level));
    },
  };
}

async function fill(database: Database): Promise<void> {
  await fillPosts(database);
  await database.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${appRole}`);
  await database.query(`REVOKE INSERT, UPDATE, DELETE ON migrations FROM ${appRole}`);
  await database.query("ANALYZE");
}

export async function fillPosts(database: Pick<Database, "query">): Promise<void> {
  await database.query("INSERT INTO authors SELECT i, 'author ' || i FROM generate_series(1, 5) AS i");
  await database.query(
    `INSERT INTO posts (title, token) SELECT 'post number ' || i, 'first ' || i FROM generate_series(1, ${rows}) AS i`,
  );
}
