import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { quote } from "../record/tables.ts";
import { connectShadow } from "./connect.ts";

export interface Scratch {
  url: string;
  stop(): Promise<void>;
}

/** There is no PostgreSQL to start here. */
export class NoScratch extends MigratorError {
  constructor(message: string, cause: unknown) {
    super(ExitCode.Usage, message, { next, cause });
  }
}

/** Starts a PostgreSQL of our own, with the roles that migrations may name. */
export async function startScratch(roles: readonly string[]): Promise<Scratch> {
  const { startPostgres } = await load();
  const server = await startPostgres({ settings: { fsync: "off" } }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NoScratch(`A scratch PostgreSQL could not be started: ${why}`, cause);
  });
  try {
    const url = await server.createDatabase("shadow");
    const session = await connectShadow(url);
    try {
      for (const role of roles) if (role !== "postgres") await session.sql(`CREATE ROLE ${quote(role)}`);
    } finally {
      await session.end();
    }
    return { url, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const next = "Give a database for it: --shadow postgres://USER:PASSWORD@HOST:5432/DATABASE.";

/** Not part of the bundle: it brings a whole PostgreSQL, which is there where the tests are and not in an image. */
async function load(): Promise<typeof import("@schema-rollout/scratch-postgres")> {
  try {
    return await import("@schema-rollout/scratch-postgres");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new NoScratch("No scratch PostgreSQL can be started here.", cause);
  }
}
