import type pg from "pg";
import { onTestFinished } from "vitest";
import { migrator } from "./cli.ts";
import { connect, createDatabase, secret, type TestDatabase } from "./database.ts";
import { migrationsFolder, type Source } from "./folder.ts";

export interface Service extends TestDatabase {
  /** The application's role. */
  reader: string;
  /** A session of the application's role, as a process of that level would have it; without one: of no known level. */
  alive(level?: number): Promise<pg.Client>;
  applied(): Promise<string[]>;
  floor(): Promise<{ floor: string; contract: string; state: string } | undefined>;
}

/** A database with the application's role, and on it the expand migrations of a release. */
export async function createService(release: readonly Source[] = []): Promise<Service> {
  const database = await createDatabase();
  const reader = `${database.name}_app`;
  const admin = await database.admin();
  await admin.query(`CREATE ROLE ${reader} LOGIN PASSWORD '${secret}'`);
  if (release.length > 0) {
    const dir = await migrationsFolder(...release);
    const run = await migrator(["up", "--to", release.at(-1)?.name ?? ""], { url: database.url, dir });
    if (run.code !== 0) throw new Error(run.stderr);
  }
  return {
    ...database,
    reader,
    async alive(level) {
      const client = await connect(database.as(reader, secret), level === undefined ? "" : `blog@${level}`);
      client.on("error", () => undefined);
      onTestFinished(() => client.end());
      return client;
    },
    applied: async () =>
      (await database.query<{ name: string }>("SELECT name FROM migrations ORDER BY id")).map(
        ({ name }) => name,
      ),
    floor: async () =>
      (
        await database.query<{ floor: string; contract: string; state: string }>(
          "SELECT floor, contract, state FROM migrations_floor",
        )
      )[0],
  };
}
