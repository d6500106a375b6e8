import { describe, expect, test } from "vitest";
import { lockKey } from "../src/database/lock.ts";
import { recordTables } from "../src/record/tables.ts";
import { type Finished, migrator, start } from "./support/cli.ts";
import { until, untilGone, untilRunning } from "./support/database.ts";
import { migrationsFolder, type Source } from "./support/folder.ts";
import { addKind, fillKind, level2, level3, levelOf, requireKind, v2, v3 } from "./support/releases.ts";
import { createService, type Service } from "./support/service.ts";

/** v3 after its expand run, with processes of v2 and v3. */
const expanded = () => createService([...v2, addKind]);

async function contract(service: Service, args: string[] = [], release: Source[] = v3) {
  const dir = await migrationsFolder(...release);
  return start(["up", "--phase", "contract", "--reader", service.reader, ...args], { url: service.url, dir });
}

const locks = (service: Service) =>
  service.query(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
  );

const untilClosed = (running: { stderr(): string }) =>
  until("the gate to be found closed", async () =>
    running.stderr().includes(`the gate of ${requireKind.name} is closed`),
  );

const asks = async (service: Service, release: Source[]): Promise<Finished> =>
  migrator(["up"], { url: service.url, dir: await migrationsFolder(...release) });

describe("a contract", () => {
  test("waits for older processes without the lock, backfills meanwhile, and runs when they are gone", async () => {
    const service = await expanded();
    const [old] = [await service.alive(level2), await service.alive(level3)];
    const running = await contract(service, ["--json"]);
    await untilClosed(running);
    expect(await service.applied()).toContain(fillKind.name);
    expect(await service.floor()).toBeUndefined();
    await until("the lock to be given back", async () => (await locks(service)).length === 0);
    await old.end();
    const run = await running.finished;
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout).applied.map(({ name }: Source) => name)).toEqual([
      fillKind.name,
      requireKind.name,
    ]);
    expect(await service.floor()).toEqual({
      floor: String(level3),
      contract: requireKind.name,
      state: "final",
    });
    // The way back is closed, and the release itself finds nothing to do.
    const older = await asks(service, v2);
    expect(older.code).toBe(24);
    expect(older.summary.message).toContain(requireKind.name);
    expect((await asks(service, v3)).summary.message).toBe("nothing to do");
  });

  test("ends with 22 when they stay, naming them, and leaves no floor", async () => {
    const service = await expanded();
    const client = await service.alive(level2);
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    const run = await (await contract(service, ["--wait", "1s"])).finished;
    expect(run.code).toBe(22);
    expect(run.summary.message).toMatch(
      new RegExp(
        `still blog@${level2} \\(user ${service.reader}, from 127\\.0\\.0\\.1, pid ${rows[0].pid}, since 20\\d\\d-.*Z\\)`,
      ),
    );
    expect(run.summary).toMatchObject({ migration: requireKind.name, needs: level3 });
    expect(run.summary.alive).toMatchObject([{ pid: rows[0].pid, level: level2 }]);
    expect(await service.floor()).toBeUndefined();
    expect(await service.applied()).not.toContain(requireKind.name);
  });

  test("does not mind a process at its level, a gate of that level, or one of another database", async () => {
    const service = await expanded();
    const other = await createService();
    await Promise.all([
      service.alive(level3),
      service.session(`wait-for-job@${level3}`),
      other.alive(level2),
    ]);
    expect((await (await contract(service, ["--wait", "0s"])).finished).code).toBe(0);
  });

  test("minds a session of the reader that names no level, also where it may write nothing", async () => {
    const service = await expanded();
    await service.alive();
    const run = await (await contract(service, ["--wait", "0s"])).finished;
    expect(run.code).toBe(22);
    expect(run.summary.message).toContain("a session without application_name, of no known level");
  });

  test("minds a login role that inherits from the reader", async () => {
    const service = await expanded();
    const admin = await service.admin();
    await admin.query(`CREATE ROLE ${service.name}_group; GRANT ${service.name}_group TO ${service.reader}`);
    await service.alive();
    const dir = await migrationsFolder(...v3);
    const args = ["up", "--phase", "contract", "--wait", "0s", "--reader", `${service.name}_group`];
    const run = await migrator(args, { url: service.url, dir });
    expect(run.code).toBe(22);
    expect(run.summary.message).toContain(`user ${service.reader}`);
  });

  test("may say that it can live with a lower level than its own", async () => {
    const service = await expanded();
    await service.alive(level3 - 2);
    const lower = { ...requireKind, needs: level3 - 2 };
    const release = [...v2, addKind, fillKind, lower];
    expect((await (await contract(service, ["--wait", "0s"], release)).finished).code).toBe(0);
    expect((await service.floor())?.floor).toBe(String(level3 - 2));
  });

  test.each([
    ["above its own level", { ...requireKind, needs: level3 + 1 }],
    ["too short", { ...requireKind, needs: 42 }],
    ["of an expand step", { ...addKind, needs: level2 }],
  ])("needs %s: the file is refused", async (_, wrong) => {
    const service = await createService();
    const run = await asks(service, [...v2, wrong]);
    expect(run.code).toBe(20);
    expect(run.summary.message).toContain("needs");
  });
});

describe("--soak", () => {
  test("the gate must have been clear that long without a break", async () => {
    const service = await expanded();
    const running = await contract(service, ["--soak", "2s", "--wait", "20s"]);
    await until("the soak", async () => running.stderr().includes("it must stay so for 2 s"));
    await new Promise((done) => setTimeout(done, 1_000));
    const late = await service.alive(level2);
    await untilClosed(running);
    await late.end();
    const cleared = performance.now();
    expect((await running.finished).code).toBe(0);
    const [row] = await service.query<{ at: Date }>(
      "SELECT applied_at AS at FROM migrations_detail WHERE phase = 'contract'",
    );
    expect(row?.at).toBeInstanceOf(Date);
    expect(performance.now() - cleared).toBeGreaterThan(1_900);
  });

  test("what nobody looked at does not count: it starts anew after a long wait for the lock", async () => {
    const service = await createService([...v2, addKind, fillKind]);
    const holder = await service.session("the-holder");
    const { classid, objid } = lockKey(recordTables("public"));
    await holder.query("SELECT pg_advisory_lock($1::int, $2::int)", [classid, objid]);
    const running = await contract(service, ["--soak", "2s", "--wait", "30s"]);
    await until("the wait for the lock", async () =>
      running.stderr().includes("another migrator holds the lock"),
    );
    await new Promise((done) => setTimeout(done, 3_200));
    await holder.query("SELECT pg_advisory_unlock_all()");
    const released = performance.now();
    expect((await running.finished).code).toBe(0);
    expect(performance.now() - released).toBeGreaterThan(1_900);
  });

  test("longer than the wait is refused", async () => {
    const service = await expanded();
    expect((await (await contract(service, ["--soak", "2m", "--wait", "1m"])).finished).code).toBe(2);
  });
});

describe("ended while", () => {
  test("waiting, by SIGTERM: 143, and no floor", async () => {
    const service = await expanded();
    await service.alive(level2);
    const running = await contract(service);
    await untilClosed(running);
    running.process.kill("SIGTERM");
    expect((await running.finished).code).toBe(143);
    await untilGone(service);
    expect(await service.floor()).toBeUndefined();
    await until("the lock to be given back", async () => (await locks(service)).length === 0);
  });

  const slow: Source = { ...requireKind, up: ["SELECT pg_sleep(30)", String(requireKind.up)] };
  const slowV3 = [...v2, addKind, fillKind, slow];

  test("the contract runs, by SIGTERM: 143, and the proposed floor is withdrawn", async () => {
    const service = await expanded();
    const running = await contract(service, [], slowV3);
    await untilRunning(service, "pg_sleep");
    expect(await service.floor()).toMatchObject({ state: "proposed" });
    running.process.kill("SIGTERM");
    expect((await running.finished).code).toBe(143);
    expect(await service.floor()).toBeUndefined();
  });

  test("the contract runs, by SIGKILL: the next holder of the lock withdraws the floor, with nothing else to do", async () => {
    const service = await expanded();
    const running = await contract(service, [], slowV3);
    await untilRunning(service, "pg_sleep");
    // As long as it lives, nobody else touches its floor.
    expect((await asks(service, [...v2, addKind])).summary.message).toContain("nothing to do");
    expect(await service.floor()).toMatchObject({ state: "proposed", contract: slow.name });
    running.process.kill("SIGKILL");
    await untilGone(service);
    expect(await service.floor()).toMatchObject({ state: "proposed", contract: slow.name });
    const next = await asks(service, [...v2, addKind]);
    expect(next.code).toBe(0);
    expect(next.stderr).toContain(`"contract":"${slow.name}"`);
    expect(await service.floor()).toBeUndefined();
    expect(levelOf([addKind])).toBeLessThan(level3);
  });
});
