import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { DataSource, type MigrationInterface, type QueryRunner } from "typeorm";

/**
 * TypeORM's own `runMigrations`, with nothing around it: what an application does that migrates when it starts. Each
 * migration in a transaction of its own, because some here must not be in one. Says what it does as the migrator does.
 */
type Migration = new () => MigrationInterface;

const folder = process.env.MIGRATIONS_DIR ?? "/migrations";

const say = (line: object) => console.log(JSON.stringify({ time: new Date().toISOString(), ...line }));

async function migrationsIn(path: string): Promise<Migration[]> {
  const files = (await readdir(path)).filter((file) => file.endsWith(".mjs")).sort();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(path, file)).href)));
  return modules.flatMap((module) => Object.values<Migration>(module));
}

/** The same class, which says when it begins. */
function announced(migration: Migration): Migration {
  const up = migration.prototype.up;
  migration.prototype.up = function (this: MigrationInterface, runner: QueryRunner) {
    say({ level: "info", migration: migration.name, message: "applying" });
    return up.call(this, runner);
  };
  return migration;
}

const source = new DataSource({
  type: "postgres",
  // In an image of bundles TypeORM finds no package to load.
  driver: pg,
  url: process.env.DATABASE_URL ?? "",
  applicationName: "startup",
  migrations: (await migrationsIn(folder)).map(announced),
  migrationsTransactionMode: "each",
  logging: false,
});

try {
  await source.initialize();
  for (const { name } of await source.runMigrations())
    say({ level: "info", migration: name, message: "applied" });
  await source.destroy();
} catch (error) {
  say({ level: "error", message: error instanceof Error ? error.message : String(error) });
  process.stdout.write("", () => process.exit(20));
}
