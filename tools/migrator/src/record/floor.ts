import type { Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Floor } from "./read.ts";
import type { RecordTables } from "./tables.ts";

/**
 * The floor: the lowest level that may be alive. Only who holds the migrator's lock writes it, and each change is one
 * statement, so whoever reads it never meets a moment without the floor that was there before and stays.
 */

/** A contract step, and the lowest level it can live with. */
export interface Contract {
  name: string;
  needs: number;
}

/** Announces a contract. A final floor at or above what it needs says the same already, and stays. */
export async function proposeFloor(sql: Sql, tables: RecordTables, { name, needs }: Contract): Promise<void> {
  await sql(
    `INSERT INTO ${tables.floor} AS f (floor, contract, state) VALUES ($1, $2, 'proposed')
     ON CONFLICT ((true)) DO UPDATE SET floor = excluded.floor, contract = excluded.contract, state = 'proposed'
       WHERE f.state = 'proposed' OR f.floor < excluded.floor`,
    [needs, name],
  );
}

/** Nothing below `needs` may come back from here on. Throws when the announcement is no longer there. */
export async function finaliseFloor(
  sql: Sql,
  tables: RecordTables,
  { name, needs }: Contract,
): Promise<void> {
  // Left by a revert of TypeORM's CLI; with it the floor would look like one whose contract was reverted since.
  await sql(
    `DELETE FROM ${tables.detail} WHERE name = $1 AND name NOT IN (SELECT name FROM ${tables.migrations})`,
    [name],
  );
  const [row] = await sql<{ done: boolean }>(
    `WITH done AS (UPDATE ${tables.floor} SET state = 'final'
                    WHERE floor >= $1 AND (contract = $2 OR state = 'final') RETURNING 1)
     SELECT EXISTS (SELECT FROM done) AS done`,
    [needs, name],
  );
  if (row?.done) return;
  throw new MigratorError(
    ExitCode.ContractGateClosed,
    `The floor that was proposed for ${name} has disappeared, so older processes may have come back.`,
    { next: "Nothing was kept. Run again.", facts: { migration: name } },
  );
}

/**
 * Makes the floor what the record says. A proposal whose contract was not recorded is withdrawn (for who holds the
 * lock: the one that proposed it held it too, and is gone or has given up), and a contract that TypeORM's CLI applied
 * gets its floor; one that it reverted loses it. That one is known by its detail, which TypeORM leaves behind: without
 * any, a final floor whose contract is not recorded stays, since that contract runs outside a transaction and was
 * interrupted. Returns the contract whose floor was taken away.
 */
export async function settleFloor(sql: Sql, tables: RecordTables): Promise<string | undefined> {
  const seen = await look(sql, tables);
  if (isGone(seen) || isMissing(seen)) await setFloor(sql, tables, seen.highest);
  return isGone(seen) ? seen.floor?.contract : undefined;
}

/** Whether there is something to settle; for who does not hold the lock, only a reason to try for it. */
export async function floorUnsettled(sql: Sql, tables: RecordTables): Promise<boolean> {
  const seen = await look(sql, tables);
  return isGone(seen) || isMissing(seen);
}

/** The floor as it counts: one whose contract TypeORM's CLI reverted is that of the contract before it. */
export async function standingFloor(
  sql: Sql,
  tables: RecordTables,
  written: Floor | undefined,
): Promise<Floor | undefined> {
  if (written?.state !== "final") return written;
  const seen = await look(sql, tables);
  if (!isReverted(seen)) return written;
  const { highest } = seen;
  return highest && { floor: highest.needs, contract: highest.name, state: "final" };
}

const isGone = (seen: FloorAndRecord) => isStale(seen) || isReverted(seen);

const isStale = ({ floor, floorRecorded }: FloorAndRecord) => floor?.state === "proposed" && !floorRecorded;

const isReverted = ({ floor, floorRecorded, floorDetailed }: FloorAndRecord) =>
  floor?.state === "final" && !floorRecorded && floorDetailed;

const isMissing = ({ floor, highest }: FloorAndRecord) =>
  highest !== undefined &&
  !(
    floor !== undefined &&
    (floor.state === "final" ? floor.floor >= highest.needs : floor.floor > highest.needs)
  );

/** Lowers the floor again once its contract is reverted; call it in that transaction, after the record. */
export async function lowerFloor(sql: Sql, tables: RecordTables, reverted: string): Promise<void> {
  const { floor, highest } = await look(sql, tables);
  if (floor?.contract === reverted) await setFloor(sql, tables, highest);
}

interface FloorAndRecord {
  floor: Floor | undefined;
  /** Whether the floor's contract is recorded as applied. */
  floorRecorded: boolean;
  /** Whether there is a detail of it all the same. */
  floorDetailed: boolean;
  /** The recorded contract that needs most. */
  highest: Contract | undefined;
}

async function look(sql: Sql, tables: RecordTables): Promise<FloorAndRecord> {
  const [floor] = await sql<Omit<Floor, "floor"> & { floor: string; recorded: boolean; detailed: boolean }>(
    `SELECT floor, contract, state, contract IN (SELECT name FROM ${tables.migrations}) AS recorded,
            contract IN (SELECT name FROM ${tables.detail}) AS detailed
       FROM ${tables.floor}`,
  );
  const [highest] = await sql<{ name: string; needs: string }>(
    `SELECT name, needs FROM ${tables.detail}
      WHERE needs IS NOT NULL AND name IN (SELECT name FROM ${tables.migrations})
      ORDER BY needs DESC, name LIMIT 1`,
  );
  return {
    floor: floor && { floor: Number(floor.floor), contract: floor.contract, state: floor.state },
    floorRecorded: floor?.recorded === true,
    floorDetailed: floor?.detailed === true,
    highest: highest && { name: highest.name, needs: Number(highest.needs) },
  };
}

async function setFloor(sql: Sql, tables: RecordTables, to: Contract | undefined): Promise<void> {
  if (to === undefined) await sql(`DELETE FROM ${tables.floor}`);
  else {
    await sql(
      `INSERT INTO ${tables.floor} (floor, contract, state) VALUES ($1, $2, 'final')
       ON CONFLICT ((true)) DO UPDATE SET floor = excluded.floor, contract = excluded.contract, state = 'final'`,
      [to.needs, to.name],
    );
  }
}
