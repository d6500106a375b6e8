import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Finished, migrator, start } from "./support/cli.ts";
import { secret, until } from "./support/database.ts";
import { migrationsFolder, type Source } from "./support/folder.ts";
import { addKind, fillKind, level3, requireKind, v2, v3 } from "./support/releases.ts";
import { createService, type Service } from "./support/service.ts";

const expanded = () => createService([...v2, addKind]);

/** Roles beside the application's, each with what makes it one that may write, or not. */
async function role(service: Service, name: string, ...rights: string[]): Promise<string> {
  const role = `${service.name}_${name}`;
  const admin = await service.admin();
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${secret}'`);
  for (const right of rights) await admin.query(right.replaceAll("$ROLE", role));
  return role;
}

async function connect(service: Service, role: string, applicationName = ""): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: service.as(role, secret),
    application_name: applicationName,
  });
  await client.connect();
  client.on("error", () => {});
  onTestFinished(() => client.end());
  return client;
}

interface Asked {
  args?: string[];
  release?: Source[];
  url?: string;
}

/** Without the roles of the tests' own sessions: the owner's and the superuser's count here. */
async function contract(service: Service, { args = [], release = v3, url }: Asked = {}): Promise<Finished> {
  const dir = await migrationsFolder(...release);
  const ignored = `postgres,${service.name}`;
  return migrator(["up", "--phase", "contract", "--wait", "0s", "--reader", service.reader, ...args], {
    url: url ?? service.url,
    dir,
    env: { IGNORE_ROLE: ignored },
  });
}

const aliveIn = ({ summary }: Finished) =>
  (summary.alive as { user: string; may?: string; level?: number }[] | undefined)?.map(({ user, may }) => [
    user,
    may,
  ]);

describe("a contract waits for", () => {
  test("every session that may write, by whatever way, and for nobody who only reads", async () => {
    const service = await expanded();
    await service.query(`
      CREATE VIEW titles AS SELECT id, title FROM posts;
      CREATE TABLE events (at timestamptz) PARTITION BY RANGE (at);
      CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      CREATE FUNCTION retitle() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'UPDATE posts SET title = title';
      REVOKE EXECUTE ON FUNCTION retitle() FROM PUBLIC`);
    const may = {
      table: await role(service, "worker", "GRANT INSERT ON posts TO $ROLE"),
      column: await role(service, "column", "GRANT UPDATE (title) ON posts TO $ROLE"),
      view: await role(service, "view", "GRANT DELETE ON titles TO $ROLE"),
      partition: await role(service, "partition", "GRANT INSERT ON events_2026 TO $ROLE"),
      member: await role(
        service,
        "member",
        `GRANT ${service.name}_worker TO $ROLE`,
        "ALTER ROLE $ROLE NOINHERIT",
      ),
      all: await role(service, "all", "GRANT pg_write_all_data TO $ROLE"),
      definer: await role(service, "definer", "GRANT EXECUTE ON FUNCTION retitle() TO $ROLE"),
      superuser: await role(service, "super", "ALTER ROLE $ROLE SUPERUSER"),
      truncate: await role(service, "truncate", "GRANT TRUNCATE ON posts TO $ROLE"),
    };
    const reads = [
      await role(
        service,
        "exporter",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO $ROLE",
        "GRANT pg_monitor TO $ROLE",
      ),
      await role(service, "nothing"),
      await role(service, "references", "GRANT REFERENCES ON posts TO $ROLE"),
      // Another service's own tables in the same database, which the migrator could not change.
      await role(
        service,
        "neighbour",
        `CREATE SCHEMA ${service.name}_n AUTHORIZATION $ROLE`,
        `CREATE TABLE ${service.name}_n.own (id int)`,
        `ALTER TABLE ${service.name}_n.own OWNER TO $ROLE`,
      ),
    ];
    for (const user of reads) await connect(service, user);
    // In this order: the message names those who came first.
    const open: pg.Client[] = [];
    for (const user of Object.values(may)) open.push(await connect(service, user));
    // New enough by its name, whatever it may do.
    await connect(service, may.table, `worker@${level3}`);
    const run = await contract(service);
    expect(run.code).toBe(22);
    expect(new Map(aliveIn(run) as [string, string][])).toEqual(
      new Map([
        [may.table, "may write public.posts"],
        [may.column, "may write public.posts"],
        [may.view, "may write public.titles"],
        [may.partition, "may write public.events_2026"],
        [may.member, "may write public.posts"],
        [may.all, "may write public.events_2026"],
        [may.definer, "may call public.retitle(), whose owner may write public.events_2026"],
        [may.superuser, "is a superuser"],
        [may.truncate, "may write public.posts"],
      ]),
    );
    expect(run.summary.message).toContain(`(user ${may.table}, which may write public.posts, from 127.0.0.1`);
    expect(run.summary.next).toContain("--ignore-role");
    const status = await migrator(["status", "--json", "--reader", service.reader], {
      url: service.url,
      dir: await migrationsFolder(...v3),
    });
    expect(JSON.parse(status.stdout).gate.alive).toHaveLength(open.length);

    // Named exceptions are said; the rest still counts.
    const some = Object.values(may).slice(1);
    const ignoring = ["postgres", service.name, ...some].flatMap((name) => ["--ignore-role", name]);
    const fewer = await contract(service, { args: ignoring });
    expect(aliveIn(fewer)?.map(([user]) => user)).toEqual([may.table]);
    expect(fewer.log.find(({ roles }) => Array.isArray(roles))?.roles).toContain(may.superuser);

    await Promise.all(open.map((client) => client.end()));
    expect((await contract(service)).code).toBe(0);
  });

  test("what everybody may write, as everybody, and for a role named as a further reader", async () => {
    const service = await expanded();
    const anyone = await role(service, "anyone");
    const second = await role(service, "second");
    await connect(service, anyone);
    await connect(service, second);
    const args = ["--reader", second];
    expect(aliveIn(await contract(service, { args }))).toEqual([[second, undefined]]);
    await service.query("GRANT UPDATE ON posts TO PUBLIC");
    expect(aliveIn(await contract(service, { args }))).toEqual(
      expect.arrayContaining([
        [anyone, "may write public.posts"],
        [second, "may write public.posts"],
      ]),
    );
    const both = await contract(service, { args: [...args, "--ignore-role", second] });
    expect(both.code).toBe(2);
    expect(both.summary.message).toContain(second);
  });

  test("the migrator's own role where it is not a migrator, and without pg_read_all_stats, too", async () => {
    const service = await expanded();
    const admin = await service.admin();
    const dir = await migrationsFolder(...v3);
    await service.session("migrator psql");
    const worker = await role(service, "worker", "GRANT INSERT ON posts TO $ROLE");
    await connect(service, worker, "mailer");
    await admin.query(`REVOKE pg_read_all_stats FROM ${service.name}`);
    const run = await migrator(["up", "--phase", "contract", "--wait", "0s"], {
      url: service.url,
      dir,
      env: { IGNORE_ROLE: "postgres" },
    });
    expect(run.code).toBe(22);
    expect(aliveIn(run)).toEqual(
      expect.arrayContaining([
        [service.name, "may write public.posts"],
        [worker, "may write public.posts"],
      ]),
    );
    expect(aliveIn(run)).toHaveLength(2);
    expect(run.summary.next).toContain("pg_read_all_stats");
  });

  test("who comes while it is at work: nothing is kept, and it is applied once they are gone", async () => {
    const service = await expanded();
    const worker = await role(service, "cron", "GRANT INSERT ON posts TO $ROLE");
    const slow = { ...requireKind, up: [requireKind.up as string, "SELECT pg_sleep(1.5)"] };
    const running = start(["up", "--phase", "contract", "--reader", service.reader], {
      url: service.url,
      dir: await migrationsFolder(...v2, addKind, slow),
    });
    await until("the contract at work", async () => {
      const rows = await service.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
      );
      return rows.length > 0;
    });
    const late = await connect(service, worker, "cron");
    await until("the contract to be undone", async () =>
      /gate of RequireKind\d+ is closed by/.test(running.stderr()),
    );
    expect(await service.applied()).not.toContain(requireKind.name);
    expect(await service.floor()).toBeUndefined();
    // Who names no level may be using what a rollback would take away, too.
    const back = await migrator(["rollback"], { url: service.url, dir: await migrationsFolder(...v3) });
    expect(back.code).toBe(22);
    expect(back.summary.message).toContain(`cron, of no known level (user ${worker}`);
    await late.query("INSERT INTO posts (title) VALUES ('still allowed')");
    await late.end();
    await service.query("UPDATE posts SET kind = 'x'");
    expect((await running.finished).code).toBe(0);
  });
});

describe("touches", () => {
  const other = (service: Service) => role(service, "other", "GRANT INSERT ON notes TO $ROLE");
  const touching = (...touches: string[]): Source[] => [
    ...v2,
    addKind,
    fillKind,
    { ...requireKind, touches },
  ];

  test("leaves out who may write only elsewhere; not where rows follow, or a name leads nowhere", async () => {
    const service = await expanded();
    await service.query("CREATE TABLE notes (id bigint PRIMARY KEY)");
    const user = await other(service);
    await connect(service, user);
    expect(aliveIn(await contract(service))).toEqual([[user, "may write public.notes"]]);
    expect((await contract(service, { release: touching("post") })).code).toBe(22);
    await service.query("ALTER TABLE posts ADD COLUMN note bigint REFERENCES notes ON DELETE SET NULL");
    expect((await contract(service, { release: touching("posts") })).code).toBe(22);
    await service.query("ALTER TABLE posts DROP COLUMN note");
    expect((await contract(service, { release: touching("posts") })).code).toBe(0);
  });

  test("must name what is changed, and be names", async () => {
    const service = await expanded();
    await service.query("CREATE TABLE notes (id bigint PRIMARY KEY)");
    const wrong = await contract(service, { release: touching("notes") });
    expect(wrong.code).toBe(20);
    expect(wrong.summary.message).toContain("changes public.posts");
    expect(await service.floor()).toBeUndefined();
    for (const touches of [[], ["posts; DROP TABLE posts"], "posts"] as unknown as string[][]) {
      const run = await contract(service, {
        release: [...v2, addKind, fillKind, { ...requireKind, touches }],
      });
      expect(run.code, JSON.stringify(touches)).toBe(20);
      expect(run.summary.message).toContain("touches");
    }
  });
});
