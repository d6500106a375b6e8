import { randomBytes } from "node:crypto";
import type pg from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { bootstrap } from "../src/commands/bootstrap.ts";
import { createLog } from "../src/log.ts";
import { migrator } from "./support/cli.ts";
import { connect, secret, urlOf } from "./support/database.ts";
import { createPosts, migrationsFolder } from "./support/folder.ts";

const unique = () => `b_${randomBytes(6).toString("hex")}`;

const url = (database: string, user: string, password: string) => {
  const { host } = new URL(inject("adminUrl"));
  const part = encodeURIComponent;
  return `postgres://${part(user)}:${part(password)}@${host}/${encodeURI(database)}`;
};

const environment = (
  database: string,
  roles: { migrator: string; app: string },
  admin = inject("adminUrl"),
) => ({
  DATABASE_URL: admin,
  MIGRATOR_DATABASE_URL: url(database, roles.migrator, `${secret}-migrator`),
  APP_DATABASE_URL: url(database, roles.app, `${secret}-app`),
});

async function session(where: string): Promise<pg.Client> {
  const client = await connect(where);
  onTestFinished(() => client.end());
  return client;
}

/** Everything that bootstrap could have changed of a server. */
const state = async (client: pg.Client) =>
  (
    await client.query(
      `SELECT ARRAY(SELECT datname || ' ' || pg_get_userbyid(datdba) || ' ' || coalesce(datacl::text, '') FROM pg_database WHERE datname ~ $1 OR datname ~ '^(postgres|template)' ORDER BY 1) AS databases,
              ARRAY(SELECT rolname FROM pg_roles WHERE rolname ~ $1 ORDER BY 1) AS roles`,
      [current],
    )
  ).rows[0];
let current = "";

test("refuses what would hand over a database that is somebody's, or the migrator's rights; nothing is changed", async () => {
  const name = unique();
  current = name;
  const root = await session(inject("adminUrl"));
  const role = (suffix: string, attributes = "") => root.query(`CREATE ROLE ${name}_${suffix} ${attributes}`);
  await role("owner");
  await role("dba", "SUPERUSER");
  await role("migrator");
  for (const suffix of ["super", "creator", "member", "chain", "program", "dbas", "all"]) await role(suffix);
  await root.query(`
    ALTER ROLE ${name}_super SUPERUSER; ALTER ROLE ${name}_creator CREATEROLE;
    GRANT ${name}_migrator TO ${name}_member; GRANT ${name}_member TO ${name}_chain;
    GRANT pg_execute_server_program TO ${name}_program; GRANT ${name}_dba TO ${name}_dbas; GRANT pg_write_all_data TO ${name}_all`);
  await root.query(`CREATE DATABASE ${name}_theirs OWNER ${name}_owner`);
  await root.query(`CREATE DATABASE ${name}_template IS_TEMPLATE true`);
  const ours = { migrator: `${name}_migrator`, app: `${name}_app` };
  const before = await state(root);
  const log = await createLog({ verbose: false, terminal: false });
  const as = (app: string) => ({ database: name, roles: { ...ours, app: `${name}_${app}` } });
  for (const [what, { database, roles }] of [
    [`belongs to ${name}_owner`, { database: `${name}_theirs`, roles: ours }],
    ["is a template", { database: `${name}_template`, roles: ours }],
    ["belongs to the server", { database: "postgres", roles: ours }],
    ["belongs to the server", { database: "template1", roles: ours }],
    ["superuser", as("super")],
    ["CREATEROLE", as("creator")],
    [`member of ${name}_migrator`, as("member")],
    [`member of ${name}_migrator`, as("chain")],
    ["pg_execute_server_program", as("program")],
    [`${name}_dba, a superuser`, as("dbas")],
    ["pg_write_all_data", as("all")],
    ["64 bytes", { database: name, roles: { ...ours, app: "ü".repeat(32) } }],
    ["64 bytes", { database: "x".repeat(64), roles: ours }],
    ["reserves", { database: name, roles: { ...ours, app: "public" } }],
    ["reserves", { database: name, roles: { ...ours, app: "pg_app" } }],
  ] as const) {
    const refusal = bootstrap({ env: environment(database, roles) }, log);
    await expect(refusal, what).rejects.toMatchObject({ exitCode: 2, next: expect.stringMatching(/./) });
    await expect(refusal).rejects.toThrow(what);
  }
  expect(await state(root)).toEqual(before);
});

test("--take-over makes it the migrator's; who could connect still can, and sessions go on", async () => {
  const name = unique();
  const root = await session(inject("adminUrl"));
  await root.query(`CREATE ROLE ${name}_team`);
  for (const user of ["owner", "worker"])
    await root.query(`CREATE ROLE ${name}_${user} LOGIN PASSWORD '${secret}'`);
  await root.query(`GRANT ${name}_team TO ${name}_owner`);
  await root.query(`CREATE DATABASE ${name} OWNER ${name}_team`);
  const theirs = (user: string) => url(name, `${name}_${user}`, secret);
  const service = await session(theirs("owner"));
  await service.query("CREATE SCHEMA IF NOT EXISTS public; CREATE TABLE orders (id int)");
  const env = environment(name, { migrator: `${name}_migrator`, app: `${name}_app` });
  expect((await migrator(["bootstrap"], { env })).code).toBe(2);
  const run = await migrator(["bootstrap", "--take-over"], { env });
  expect(run.code, run.stderr).toBe(0);
  await service.query("INSERT INTO orders VALUES (1)");
  for (const user of ["owner", "worker"])
    await (await session(theirs(user))).query("CREATE TEMPORARY TABLE mine (id int)");
  expect(run.log.find(({ roles }) => Array.isArray(roles))?.roles).toEqual(
    expect.arrayContaining([`${name}_owner`, `${name}_worker`]),
  );
  expect(run.stderr).toContain(`REASSIGN OWNED BY \\"${name}_owner\\" TO \\"${name}_migrator\\"`);
  // Nobody new, and nothing to take over any more.
  await root.query(`CREATE ROLE ${name}_late LOGIN PASSWORD '${secret}'`);
  // Nor may everybody create in public any more, whichever schema is ours.
  await (await session(urlOf(name, "postgres", new URL(inject("adminUrl")).password))).query(
    "GRANT CREATE ON SCHEMA public TO PUBLIC",
  );
  const again = await migrator(["bootstrap", "--schema", "own"], { env });
  expect(again.code).toBe(0);
  expect(
    (await service.query("SELECT has_schema_privilege('public', 'public', 'CREATE') AS may")).rows,
  ).toEqual([{ may: false }]);
  await expect(connect(theirs("late"))).rejects.toMatchObject({ code: "42501" });
});

test("names and passwords of any character", async () => {
  const odd = `${unique()} "ü%\\'; $1.🐘`;
  const roles = { migrator: `${odd} m`, app: `${odd} a` };
  const env = environment(odd, roles);
  env.APP_DATABASE_URL = url(odd, roles.app, `${secret} %'"\\$@:/?#ü`);
  expect((await migrator(["bootstrap"], { env })).summary.message).toBe(`database ${odd} is ready`);
  const dir = await migrationsFolder(createPosts);
  const up = await migrator(["up", "--reader", roles.app], { url: env.MIGRATOR_DATABASE_URL, dir });
  expect(up.code, up.stderr).toBe(0);
  await (await session(env.APP_DATABASE_URL)).query("INSERT INTO posts (title) VALUES ('hello')");
  const encoded = { ...env, MIGRATOR_DATABASE_URL: `${env.MIGRATOR_DATABASE_URL}%2Fx` };
  expect((await migrator(["bootstrap"], { env: encoded })).code).toBe(2);
});

test("an administrator who can give pg_monitor only, or nothing: it does, and says what is weaker", async () => {
  const root = await session(inject("adminUrl"));
  for (const gives of ["pg_monitor", undefined]) {
    const name = unique();
    await root.query(`CREATE ROLE ${name}_boss LOGIN CREATEDB CREATEROLE PASSWORD '${secret}'`);
    if (gives) await root.query(`GRANT ${gives} TO ${name}_boss WITH ADMIN OPTION`);
    const admin = urlOf("postgres", `${name}_boss`, secret);
    const env = environment(name, { migrator: `${name}_migrator`, app: `${name}_app` }, admin);
    for (const time of ["first", "second"]) {
      const run = await migrator(["bootstrap"], { env });
      expect(run.code, `${gives} ${time}: ${run.stderr}`).toBe(0);
      const { rows } = await root.query("SELECT pg_has_role($1::name, 'pg_read_all_stats', 'USAGE') AS has", [
        `${name}_migrator`,
      ]);
      expect(/neither pg_read_all_stats nor pg_monitor/.test(run.stderr)).toBe(!rows[0].has);
    }
  }
});
