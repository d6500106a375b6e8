import { randomBytes } from "node:crypto";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import { exitCode, Failure } from "./failure.ts";

/** An empty database as production has it: a role that changes the schema, and one that may only use it. */
export interface Database {
  adminUrl: string;
  migratorUrl: string;
  appUrl: string;
  appRole: string;
  /** Takes the passwords out of a text. */
  redact(text: string): string;
  stop(): Promise<void>;
}

const name = "compat";
const appRole = "compat_app";

export async function startDatabase(): Promise<Database> {
  const passwords = { migrator: randomBytes(12).toString("hex"), app: randomBytes(12).toString("hex") };
  const server = await start();
  return {
    adminUrl: server.adminUrl,
    migratorUrl: server.url(name, "compat_migrator", passwords.migrator),
    appUrl: server.url(name, appRole, passwords.app),
    appRole,
    redact: (text) =>
      Object.values(passwords).reduce((left, password) => left.replaceAll(password, "***"), text),
    stop: () => server.stop(),
  };
}

async function start(): Promise<ScratchPostgres> {
  try {
    // Nothing of it has to survive the run.
    return await startPostgres({ settings: { fsync: "off" } });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`The scratch database could not be started. ${why}`, exitCode.noAnswer, cause);
  }
}
