import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataSource } from "typeorm";
import { expect, onTestFinished, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { untilGone, untilRunning } from "./support/database.ts";
import { classOf, fileOf, migrationsFolder, type Source } from "./support/folder.ts";
import {
  addKind,
  addTags,
  fillKind,
  level3,
  level4,
  requireKind,
  requireTags,
  v2,
  v3,
  v4,
} from "./support/releases.ts";
import { createService, type Service } from "./support/service.ts";

const contract = (service: Service, dir: string) =>
  migrator(["up", "--phase", "contract", "--wait", "5s", "--reader", service.reader], {
    url: service.url,
    dir,
  });

const final = (source: Source, floor: number) => ({
  floor: String(floor),
  contract: source.name,
  state: "final",
});

test("a contract that fails leaves the floor it found: that of the contract before it", async () => {
  const service = await createService(v3);
  expect(await service.floor()).toEqual(final(requireKind, level3));
  // A post without tags.
  await service.query("INSERT INTO posts (kind) VALUES ('post')");
  const dir = await migrationsFolder(...v4);
  await migrator(["up"], { url: service.url, dir });
  const failed = await contract(service, dir);
  expect(failed.code).toBe(20);
  expect(failed.summary.message).toContain("contains null values");
  expect(await service.floor()).toEqual(final(requireKind, level3));
  // Lost by hand, it comes back with the next run, which has nothing else to do.
  await service.query("DELETE FROM migrations_floor");
  expect((await migrator(["up"], { url: service.url, dir })).summary.message).toContain("nothing to do");
  expect(await service.floor()).toEqual(final(requireKind, level3));
  await service.query("UPDATE posts SET tags = '{}'");
  expect((await contract(service, dir)).code).toBe(0);
  expect(await service.floor()).toEqual(final(requireTags, level4));
});

test("a floor whose proposer was killed goes back to that of the contract before it, even by a release that knows neither", async () => {
  const service = await createService(v3);
  const slow = { ...requireTags, up: ["SELECT pg_sleep(30)"] };
  const dir = await migrationsFolder(...v3, addTags, slow);
  await migrator(["up"], { url: service.url, dir });
  const running = start(["up", "--phase", "contract"], { url: service.url, dir });
  await untilRunning(service, "pg_sleep");
  running.process.kill("SIGKILL");
  await untilGone(service);
  expect(await service.floor()).toMatchObject({ contract: slow.name, state: "proposed" });
  const older = await migrationsFolder(...v2, addKind);
  const run = await migrator(["up"], { url: service.url, dir: older });
  expect(run.stderr).toContain("cleared the floor");
  expect(await service.floor()).toEqual(final(requireKind, level3));
});

test("outside a transaction the floor is final before the first statement, and survives a failure and a SIGKILL", async () => {
  const service = await createService([...v2, addKind]);
  await service.query("INSERT INTO posts (kind) VALUES (NULL)");
  // Half of it is done when the other half fails.
  const stepwise: Source = {
    ...requireKind,
    transaction: false,
    up: ["ALTER TABLE posts ALTER COLUMN kind DROP DEFAULT", "SELECT pg_sleep(1)", String(requireKind.up)],
  };
  const dir = await migrationsFolder(...v2, addKind, stepwise);
  const failed = await contract(service, dir);
  expect(failed.code).toBe(20);
  expect(failed.summary.next).toContain(`no release below ${level3} can come back`);
  expect(await service.floor()).toEqual(final(stepwise, level3));

  const killed = start(["up", "--phase", "contract"], { url: service.url, dir });
  await untilRunning(service, "pg_sleep");
  killed.process.kill("SIGKILL");
  await untilGone(service);
  expect(await service.floor()).toEqual(final(stepwise, level3));
  const older = await migrator(["up"], { url: service.url, dir: await migrationsFolder(...v2, addKind) });
  expect(older.code).toBe(24);

  await service.query("UPDATE posts SET kind = 'post'");
  expect((await contract(service, dir)).code).toBe(0);
  expect(await service.floor()).toEqual(final(stepwise, level3));
});

test("a contract that needs less than an earlier one leaves the floor alone", async () => {
  const service = await createService(v3);
  const lower = { ...requireTags, needs: level3 };
  const dir = await migrationsFolder(...v3, addTags, lower);
  await migrator(["up"], { url: service.url, dir });
  await service.alive(level3);
  expect((await contract(service, dir)).code).toBe(0);
  expect(await service.floor()).toEqual(final(requireKind, level3));
});

test("a contract that TypeORM's CLI applied gets its floor when it is taken over", async () => {
  const service = await createService();
  const dir = await migrationsFolder(...v3);
  const cli = await new DataSource({
    type: "postgres",
    url: service.url,
    migrationsTransactionMode: "each",
    migrations: v3.map((source) => `${dir}/${fileOf(source)}`),
  }).initialize();
  onTestFinished(() => cli.destroy());
  await cli.runMigrations();
  const run = await migrator(["up"], { url: service.url, dir });
  expect(run.summary.message).toBe("nothing to do; took over 4 from TypeORM's CLI");
  expect(await service.floor()).toEqual(final(requireKind, level3));
});

test("a contract that TypeORM's CLI reverted takes its floor along at the next up, of either release", async () => {
  const service = await createService(v4);
  // As migration:revert does it.
  const revert = (source: Source) =>
    service.query(`${source.down}; DELETE FROM migrations WHERE name = '${source.name}'`);
  await revert(requireTags);
  const third = await migrationsFolder(...v3, addTags);
  expect((await migrator(["status"], { url: service.url, dir: third })).code).toBe(0);
  expect((await migrator(["up"], { url: service.url, dir: third })).code).toBe(0);
  expect(await service.floor()).toEqual(final(requireKind, level3));
  // The floor of the contract before it counts at once, not only from the next run on.
  const second = await migrationsFolder(...v2, addKind);
  expect((await migrator(["up"], { url: service.url, dir: second })).code).toBe(24);

  await revert(addTags);
  await revert(requireKind);
  expect((await migrator(["up"], { url: service.url, dir: second })).code).toBe(0);
  expect(await service.floor()).toBeUndefined();
});

test("what is left of a reverted contract does not make its floor look reverted when it runs again outside a transaction", async () => {
  const stepwise: Source = { ...requireKind, transaction: false };
  const service = await createService([...v2, addKind, stepwise]);
  await service.query(`${requireKind.down}; DELETE FROM migrations WHERE name = '${requireKind.name}'`);
  await service.query("INSERT INTO posts (kind) VALUES (NULL)");
  const dir = await migrationsFolder(...v2, addKind, stepwise);
  expect((await contract(service, dir)).code).toBe(20);
  const older = await migrationsFolder(...v2, addKind);
  expect((await migrator(["up"], { url: service.url, dir: older })).code).toBe(24);
  expect(await service.floor()).toEqual(final(stepwise, level3));
});

test("a record from before there were phases gets what it lacks", async () => {
  const service = await createService([...v2, addKind]);
  await service.query("ALTER TABLE migrations_detail DROP COLUMN needs");
  const dir = await migrationsFolder(...v2, addKind, fillKind);
  await writeFile(join(dir, fileOf(requireKind)), classOf(requireKind));
  expect((await contract(service, dir)).code).toBe(0);
  expect(await service.floor()).toEqual(final(requireKind, level3));
});
