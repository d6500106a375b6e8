import pg from "pg";

/** The database has moved past what this release's code can work with. The process must leave. */
export class BelowFloor extends Error {
  /** For the process, so that whoever runs it can tell this from a crash; the migrator's code for the same. */
  static readonly exitCode = 24;
}

interface Floor {
  floor: string;
  contract: string;
  state: string;
}

/**
 * Where the migrator's record is: its --record-schema and --record-table. The schema is named, because a search_path of
 * ours that misses it would look like a database without a floor.
 */
export interface RecordPlace {
  schema: string;
  table: string;
}

const usual: RecordPlace = { schema: "public", table: "migrations" };

/** Throws when this level is below the floor. Only worth something on a session the migrator can already see. */
export async function refuseBelowFloor(client: pg.ClientBase, level: string, record = usual): Promise<void> {
  const floor = await readFloor(client, record);
  // A proposed floor counts: its migrator may be about to run the contract, having seen no session of ours.
  if (!floor || BigInt(level) >= BigInt(floor.floor)) return;
  throw new BelowFloor(
    `This release knows the schema up to ${level}, but the database needs ${floor.floor} or later ` +
      `(contract ${floor.contract}, ${floor.state}): deploy a newer release.`,
  );
}

async function readFloor(client: pg.ClientBase, { schema, table }: RecordPlace): Promise<Floor | undefined> {
  try {
    const { rows } = await client.query<Floor>(
      `SELECT floor, contract, state FROM ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(`${table}_floor`)}`,
    );
    return rows[0];
  } catch (error) {
    // No table: no contract has ever run here, since the migrator commits the record tables before anything else.
    // That `migrations` is there proves nothing: TypeORM's own CLI makes it alone.
    if (error instanceof pg.DatabaseError && error.code === "42P01") return undefined;
    throw error;
  }
}
