import type { DatabaseTarget } from "../database/url.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

/** PostgreSQL cuts longer names without an error: two of them could become one. */
const longest = 63;

export interface Names {
  migrator: DatabaseTarget;
  app: DatabaseTarget;
  schema: string;
}

/** What can be refused without asking the server. */
export function checkNames({ migrator, app, schema }: Names): void {
  if (migrator.database !== app.database) {
    throw refused(
      `MIGRATOR_DATABASE_URL names the database ${migrator.database}, APP_DATABASE_URL ${app.database}.`,
      "Both must name the same one.",
    );
  }
  if (migrator.user === app.user) {
    throw refused(
      "MIGRATOR_DATABASE_URL and APP_DATABASE_URL have the same user.",
      "The application must not be able to change the schema: give it a role of its own.",
    );
  }
  for (const [what, name] of [
    ["role", migrator.user],
    ["role", app.user],
    ["database", migrator.database],
    ["schema", schema],
  ] as const) {
    const why = unusable(what, name);
    if (why !== undefined)
      throw refused(`The ${what} ${JSON.stringify(name)} ${why}.`, "Choose another name.");
  }
  checkPassword(migrator, "MIGRATOR_DATABASE_URL");
  checkPassword(app, "APP_DATABASE_URL");
}

function unusable(what: "role" | "database" | "schema", name: string): string | undefined {
  const bytes = Buffer.byteLength(name);
  if (bytes > longest) return `has a name of ${bytes} bytes, and PostgreSQL cuts it at ${longest}`;
  if (name.includes("\0")) return "has a NUL in its name";
  if (what === "role" && ["public", "none"].includes(name)) return "has a name that PostgreSQL reserves";
  if (what !== "database" && name.startsWith("pg_")) return "begins with pg_, which PostgreSQL reserves";
  if (what === "schema" && name === "information_schema") return "is PostgreSQL's own";
  if (what === "database" && ["postgres", "template0", "template1"].includes(name))
    return "belongs to the server: administrators connect to it, and new databases are made from it";
  return undefined;
}

/** What drivers replace or drop before they hash a password, each a little differently. */
const prepared = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|[\u200B-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/u;

function checkPassword({ password }: DatabaseTarget, variable: string): void {
  if (password.includes("\0"))
    throw refused(`The password in ${variable} has a NUL in it.`, "Choose another.");
  if (password.normalize("NFKC") === password && !prepared.test(password)) return;
  throw refused(
    `The password in ${variable} has characters that drivers write in different ways, so some could not log in.`,
    "Choose another, best of letters and digits.",
  );
}

export const refused = (message: string, next: string) =>
  new MigratorError(ExitCode.Usage, message, { next });
