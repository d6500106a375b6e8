import type { Session } from "../database/session.ts";

/** What migrations find in the real database besides what migrations made; the shadow database gets the like. */
export interface Surroundings {
  /** Schema of the record. */
  schema: string;
  /** undefined: the server's default. */
  searchPath: string | undefined;
  /** Schemas of search_path that exist. */
  schemas: string[];
  /** Names only. A scratch server gets them, without a login, so that GRANT and OWNER TO find them. */
  roles: string[];
  /** Tells this very database from any other. */
  identity: string | undefined;
}

export async function readSurroundings({ sql, schema, searchPath }: Session): Promise<Surroundings> {
  const [row] = await sql<{ path: string; roles: string[]; identity: string }>(
    `SELECT (SELECT reset_val FROM pg_settings WHERE name = 'search_path') AS path, ${identityOf} AS identity,
            ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY oid) AS roles`,
  );
  return {
    schema,
    searchPath: row?.path,
    schemas: [...new Set([schema, ...searchPath])],
    roles: row?.roles ?? [],
    identity: row?.identity,
  };
}

/** A server that starts at the same microsecond as another one, with a database of the same number, is not expected. */
export const identityOf =
  "pg_postmaster_start_time()::text || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database())";
