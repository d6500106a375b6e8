import type pg from "pg";
import { quote, recordTables } from "../record/tables.ts";

export interface Grantees {
  schema: string;
  migrator: string;
  app: string;
  recordTable?: string | undefined;
}

/**
 * In the database itself: the migrator may create in the schema, the application may read and write the rows of
 * what the migrator has created and will create. Default privileges belong to the role that creates, so they need
 * FOR ROLE: without it they would apply to what the administrator creates.
 */
export async function grantInDatabase(
  client: pg.Client,
  { schema, migrator, app, recordTable }: Grantees,
): Promise<void> {
  const names = { schema: quote(schema), migrator: quote(migrator), app: quote(app) };
  await client.query("BEGIN");
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${names.schema} AUTHORIZATION ${names.migrator}`);
  const { rows } = await client.query<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  // Only with --take-over is it still the application's by now.
  if (rows[0]?.owner === app) await client.query(`ALTER SCHEMA ${names.schema} OWNER TO ${names.migrator}`);
  for (const statement of schemaGrants(names)) await client.query(statement);
  // Databases from before PostgreSQL 15 let everybody create there, and migrations look for names there, too.
  const { rows: everybody } = await client.query(
    "SELECT FROM pg_namespace WHERE nspname = 'public' AND has_schema_privilege('public', oid, 'CREATE')",
  );
  if (everybody.length > 0) await client.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  for (const statement of await existingObjects(client, recordTables(schema, recordTable).names, {
    schema,
    app: names.app,
  }))
    await client.query(statement);
  await client.query("COMMIT");
}

const schemaGrants = ({ schema, migrator, app }: Grantees) => [
  `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC, ${app}`,
  `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${migrator}`,
  `GRANT USAGE ON SCHEMA ${schema} TO ${app}`,
  `ALTER DEFAULT PRIVILEGES FOR ROLE ${migrator} IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app}`,
  `ALTER DEFAULT PRIVILEGES FOR ROLE ${migrator} IN SCHEMA ${schema} GRANT USAGE, SELECT ON SEQUENCES TO ${app}`,
];

/** Tables and sequences from before. The record is left out: an application that can write it can open the gate. */
async function existingObjects(
  client: pg.Client,
  record: readonly string[],
  { schema, app }: { schema: string; app: string },
): Promise<string[]> {
  const { rows } = await client.query<{ name: string; sequence: boolean }>(
    `SELECT c.oid::regclass AS name, c.relkind = 'S' AS sequence
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'S') AND c.relname <> ALL ($2)
        AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
                         WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND t.relname = ANY ($2))
      ORDER BY c.oid`,
    [schema, record],
  );
  return rows.map(({ name, sequence }) =>
    sequence
      ? `GRANT USAGE, SELECT ON SEQUENCE ${name} TO ${app}`
      : `GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ${name} TO ${app}`,
  );
}
