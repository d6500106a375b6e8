import { expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import type { TestDatabase } from "./support/database.ts";
import { onlineFolder } from "./support/online-folder.ts";
import { createService } from "./support/service.ts";

const types = [
  [
    "name",
    "text",
    "varchar",
    `"char"`,
    "oid",
    "int2",
    "int4",
    "int8",
    "regclass",
    "numeric",
    "float8",
    "interval",
  ],
  ["timestamptz", "name[]", "text[]", "oid[]", "int2vector", "anyarray", "oidvector", "inet", "bool", "xid"],
].flat();
const signs = ["=", "<>", "<", ">", "<=", ">=", "~", "!~", "~~", "||", "+", "-", "*", "&", "->>"];
/** Functions PostgreSQL has for other types only. */
const functions = [
  [
    "quote_ident(name)",
    "quote_ident(varchar)",
    "length(name)",
    "lower(name)",
    "substr(text, bigint)",
    "split_part(varchar, text, int)",
  ],
  [
    "to_regclass(name)",
    "to_regclass(varchar)",
    "hashtext(name)",
    "hashtext(varchar)",
    "round(int)",
    "abs(numeric, int)",
    "max_of(int)",
  ],
  [
    "has_schema_privilege(name, name, text)",
    "has_table_privilege(name, name, text)",
    "parse_ident(name)",
    "array_length(name[], int)",
  ],
].flat();

/** What a role that may create in public can put in the way: whatever fits better than PostgreSQL's own, counting its calls. */
async function layTraps(database: TestDatabase, role: string): Promise<void> {
  const admin = await database.admin();
  await admin.query("GRANT CREATE ON SCHEMA public TO PUBLIC");
  await admin.query(`SET ROLE ${role}`);
  await admin.query(`
    CREATE SEQUENCE public.sprung;
    GRANT ALL ON SEQUENCE public.sprung TO PUBLIC;
    DO $do$ DECLARE l text; r text; s text; f text; BEGIN
      FOREACH l IN ARRAY ARRAY[${types.map((type) => `'${type}'`)}] LOOP
        FOREACH r IN ARRAY ARRAY[${types.map((type) => `'${type}'`)}] LOOP
          IF 'anyarray' IN (l, r) THEN CONTINUE; END IF;
          EXECUTE format('CREATE FUNCTION public.trap(%s, %s) RETURNS bool LANGUAGE plpgsql AS %L', l, r,
            'BEGIN PERFORM nextval(''public.sprung''); RAISE EXCEPTION ''sprung as %: ${"%"} ${"%"}'', current_user, ' || quote_literal(l) || ', ' || quote_literal(r) || '; END');
          FOREACH s IN ARRAY ARRAY[${signs.map((sign) => `'${sign}'`)}] LOOP
            EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.trap)', s, l, r);
          END LOOP;
        END LOOP;
      END LOOP;
      FOREACH f IN ARRAY ARRAY[${functions.map((name) => `'${name}'`)}] LOOP
        EXECUTE format('CREATE FUNCTION public.%s RETURNS text LANGUAGE plpgsql AS %L', f,
          'BEGIN PERFORM nextval(''public.sprung''); RAISE EXCEPTION ''sprung as %: ' || f || ''', current_user; END');
      END LOOP;
    END $do$`);
  await admin.query("RESET ROLE");
}

test("operators and functions that the application puts into public never run as the migrator", async () => {
  const service = await createService();
  await layTraps(service, service.reader);
  const helpers = `
    await online.addForeignKey(runner, { table: "notes", columns: ["login"], references: { table: "writers", columns: ["login"] } });
    await online.createIndex(runner, { table: "notes", columns: ["kind"], where: "kind IS NOT NULL" });
    await online.addUniqueConstraint(runner, { table: "notes", columns: ["title"] });
    await online.addCheckConstraint(runner, { table: "notes", name: "notes_titled", check: "title IS NOT NULL" });
    await online.setNotNull(runner, { table: "notes", column: "login" });
    await online.addColumnCopy(runner, { table: "notes", from: "body", to: "content" });`;
  const dir = await onlineFolder(
    [
      {
        name: "CreateTables1700000000000",
        up: [
          "CREATE TABLE writers (login varchar(20) PRIMARY KEY, rank int2)",
          "CREATE TABLE notes (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, login varchar(20), kind varchar(20), title text, body text)",
          "INSERT INTO writers VALUES ('ann', 1), ('bob', 2)",
          "INSERT INTO notes (login, title, body) SELECT 'ann', concat('Title ', n), 'x' FROM generate_series(1, 300) n",
          "SET lock_timeout = 0",
        ],
      },
      {
        name: "Contract1700000001003",
        phase: "contract",
        touches: ["notes", "public.writers"],
        up: "ALTER TABLE notes ALTER COLUMN title SET NOT NULL",
      },
    ],
    { name: "Online1700000001000", up: helpers },
    // What is there is compared with what is wanted.
    {
      name: "Again1700000001001",
      up: `${helpers} await runner.query("REINDEX INDEX CONCURRENTLY notes_pkey");
        await runner.query("CREATE INDEX CONCURRENTLY IF NOT EXISTS notes_plain ON notes (body)");
        await runner.query("DROP INDEX CONCURRENTLY IF EXISTS notes_plain");`,
    },
    {
      name: "Rank1700000001002",
      phase: "backfill",
      up: `await online.batched(runner, { table: "writers", name: "rank", key: ["login"], set: "rank = NULL", where: "rank IS NOT NULL" });
        await online.batched(runner, { table: "notes", name: "kind", set: "kind = 'note'", where: "kind IS NULL" });`,
    },
  );
  const run = { url: service.url, dir };
  const args = ["--reader", service.reader];
  // What the application put there is not from these migrations.
  const none = await migrator(["baseline", "--none", ...args], run);
  expect(none.code, none.stderr).toBe(0);
  const up = await migrator(["up", ...args], run);
  expect(up.code, up.stderr).toBe(0);
  expect(up.log.find(({ schema }) => schema === "public")?.message).toContain(
    'REVOKE CREATE ON SCHEMA "public" FROM PUBLIC',
  );
  expect((await migrator(["up", "--phase", "contract", ...args], run)).code).toBe(0);
  for (const command of [["status"], ["backfill", "Rank1700000001002", "--again"], ["rollback"]]) {
    const { code, stderr } = await migrator(command, run);
    expect(code, stderr).toBe(0);
  }
  // Seen to spring: as the application it is allowed to, and an exception in it would say so.
  const [before] = await service.query<{ sprung: boolean }>("SELECT is_called AS sprung FROM public.sprung");
  expect(before).toEqual({ sprung: false });
  await expect(service.query("SELECT 'a'::varchar = 'a'::name")).rejects.toThrow("sprung");
  expect(await service.query("SELECT is_called AS sprung FROM public.sprung")).toEqual([{ sprung: true }]);
});
