import pg from "pg";

export const KEY = "AddCategories1760000000000";
export const LEVEL = "1760000000000";
export const NEWER = "1770000000000";

export type RecordDatabase = ReturnType<typeof recordDatabase>;

/** One database of a test, and the record tables in it as the migrator would make and fill them. */
export function recordDatabase(url: string) {
  async function sql(...statements: string[]) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }
  return {
    url,
    sql,
    createTables: (prefix = "") =>
      sql(
        `CREATE TABLE ${prefix}migrations (id serial, "timestamp" bigint, name varchar)`,
        `CREATE TABLE ${prefix}migrations_floor (floor bigint, contract text, state text)`,
      ),
    record: (key = KEY, prefix = "") =>
      sql(`INSERT INTO ${prefix}migrations ("timestamp", name) VALUES (${LEVEL}, '${key}')`),
    /** In one statement: between two the floor would be gone, and the gate right to open. */
    raiseFloor: (floor: string, state: "proposed" | "final") =>
      sql(`MERGE INTO migrations_floor USING (SELECT) AS one ON true
           WHEN MATCHED THEN UPDATE SET floor = ${floor}, state = '${state}'
           WHEN NOT MATCHED THEN INSERT VALUES (${floor}, 'DropOld', '${state}')`),
    /** A session that keeps everybody else from reading the record until it is ended. */
    async lock() {
      const locker = new pg.Client({ connectionString: url });
      await locker.connect();
      await locker.query("BEGIN; LOCK TABLE migrations");
      return locker;
    },
  };
}
