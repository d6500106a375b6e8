import { expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { migrationsFolder, type Source } from "./support/folder.ts";
import { addKind, fillKind, level2, level3, requireKind, v2, v3, v4 } from "./support/releases.ts";
import { createService, type Service } from "./support/service.ts";

async function status(service: Service, release: Source[], ...args: string[]) {
  const dir = await migrationsFolder(...release);
  return migrator(["status", "--reader", service.reader, ...args], { url: service.url, dir });
}

test("shows the phase of each, the gate of the next contract and who closes it, and the floor", async () => {
  const service = await createService([...v2, addKind]);
  const open = await status(service, v3);
  expect(open.code).toBe(0);
  expect(open.stdout).toMatch(new RegExp(`${requireKind.name} +pending +contract`));
  expect(open.stdout).toContain(`gate of ${requireKind.name} (needs ${level3}): open`);

  await service.alive(level2);
  const closed = await status(service, v3);
  // `up` would leave it pending, so nothing is wrong.
  expect(closed.code).toBe(0);
  expect(closed.stdout).toContain(`closed by blog@${level2} (user ${service.reader}, from 127.0.0.1, pid `);
  const json = JSON.parse((await status(service, v3, "--json")).stdout);
  expect(json).toMatchObject({
    problems: [],
    gate: { contract: requireKind.name, needs: level3, open: false, alive: [{ level: level2 }] },
  });
  expect(await service.floor()).toBeUndefined();
});

test("reports 22 where up would exit with it", async () => {
  const service = await createService([...v2, addKind]);
  await service.alive(level2);
  const run = await status(service, v4);
  expect(run.code).toBe(22);
  expect(run.stdout).toContain(`! AddTags1700000004000 comes after the contract step ${requireKind.name}`);
  const up = await migrator(["up", "--reader", service.reader], {
    url: service.url,
    dir: await migrationsFolder(...v4),
  });
  expect([up.code, up.summary.message]).toEqual([22, expect.stringContaining("AddTags1700000004000")]);
});

test("shows a floor, and none of that when there is none", async () => {
  const service = await createService(v3);
  expect((await status(service, v3)).stdout).toContain(`floor ${level3} (final, ${requireKind.name})`);
  const young = await createService(v2);
  expect((await status(young, v2)).stdout).not.toMatch(/floor|gate/);
});

test("shows how far backfills are", async () => {
  const service = await createService([...v2, addKind]);
  await service.query(
    `INSERT INTO migrations_backfill (name, "cursor", rows_done, estimate, state) VALUES
       ('${fillKind.name}', '{"scanned": 420}', 210, 1000, 'running'), ('Earlier', '{}', 100, 90, 'done')`,
  );
  const { stdout } = await status(service, v3);
  expect(stdout).toMatch(new RegExp(`${fillKind.name} +backfill running 42 %, 210 rows changed`));
  expect(stdout).toMatch(/Earlier +backfill done 100 %/);
});
