import type { Sql } from "../database/session.ts";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { RecordTables } from "./tables.ts";

export interface RecordShape {
  migrations: boolean;
  detail: boolean;
  floor: boolean;
  unfinished: boolean;
  /** Every table of the record is there, with every column. */
  complete: boolean;
  /** One of these names belongs to something else. */
  strange: MigratorError | undefined;
}

/** What each must have; `needs` is added to tables of earlier versions. */
const columns = {
  migrations: ["id", "timestamp", "name"],
  detail: ["name", "checksum", "phase", "applied_at", "duration_ms"],
  floor: ["floor", "contract", "state"],
  backfill: ["name", "cursor", "rows_done", "estimate", "state", "updated_at"],
  unfinished: ["name", "timestamp", "direction", "started_at"],
} as const;

interface Found {
  name: string;
  kind: string;
  columns: string[];
  /** Of the column `timestamp`: TypeORM's holds milliseconds. */
  counts: boolean;
}

/** Which tables of the record are there, by the catalog alone. */
export async function readShape(sql: Sql, tables: RecordTables): Promise<RecordShape> {
  const rows = await sql<Found>(
    `SELECT c.relname::text AS name, c.relkind::text AS kind,
            ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS columns,
            EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'timestamp' AND NOT attisdropped
                                               AND atttypid IN ('int8'::regtype, 'int4'::regtype, 'numeric'::regtype)) AS counts
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2)`,
    [tables.schema, tables.names],
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  const parts = Object.entries(columns).map(([part, wanted], index) => {
    const there = found.get(tables.names[index] ?? "");
    return { part, there, strange: there && !isOurs(there, wanted, part === "migrations") };
  });
  const has = (part: string) => parts.some((one) => one.part === part && one.there !== undefined);
  const stranger = parts.find(({ strange }) => strange)?.there;
  return {
    migrations: has("migrations"),
    detail: has("detail"),
    floor: has("floor"),
    unfinished: has("unfinished"),
    complete:
      parts.every(({ there }) => there !== undefined) &&
      parts.some(({ part, there }) => part === "detail" && there?.columns.includes("needs")),
    strange: stranger && notOurs(stranger, tables),
  };
}

/** Views and foreign tables of that name can be read, and not be relied on. */
const isOurs = ({ kind, columns, counts }: Found, wanted: readonly string[], isTypeOrms: boolean) =>
  ["r", "p"].includes(kind) && wanted.every((name) => columns.includes(name)) && (counts || !isTypeOrms);

function notOurs({ name, kind, columns }: Found, { schema, table }: RecordTables): MigratorError {
  const what =
    kind === "r" || kind === "p" ? `its columns are ${columns.join(", ") || "none"}` : "it is no table";
  const whose = name === table ? "TypeORM's record of migrations" : "a table of the migrator's record";
  return new MigratorError(
    ExitCode.RecordMismatch,
    `${schema}.${name} is not ${whose}: ${what}. Another tool uses that name. Nothing was touched.`,
    {
      next: "Keep the record under a name of its own: --record-table typeorm_migrations (RECORD_TABLE). Where the schema has these migrations already, migrator baseline records them there.",
      facts: { table: `${schema}.${name}`, columns },
    },
  );
}
