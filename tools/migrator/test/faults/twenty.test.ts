import { expect, test } from "vitest";
import { backfillFolder, backfillName, changes, createCounted, fillKind } from "../support/backfill.ts";
import { migrator } from "../support/cli.ts";
import { createDatabase } from "../support/database.ts";
import { indexTitles, migrationsFolder } from "../support/folder.ts";

test("twenty at once, with an index build, a backfill and a contract: one applies, all exit 0, nothing happens twice", async () => {
  const database = await createDatabase();
  await createCounted(database, 5_000);
  const begin = { name: "Begin1700000000000", up: "CREATE TABLE ledger (name text)" };
  await migrator(["up"], { url: database.url, dir: await migrationsFolder(begin) });
  const dir = await migrationsFolder(
    begin,
    { name: "Slow1700000001000", up: ["INSERT INTO ledger VALUES ('slow')", "SELECT pg_sleep(1)"] },
    { ...indexTitles, up: "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_body ON posts (body)" },
    {
      name: "RequireKind1700000006000",
      phase: "contract",
      up: ["ALTER TABLE posts ALTER COLUMN kind SET NOT NULL", "INSERT INTO ledger VALUES ('contract')"],
    },
  );
  await backfillFolder({ ...fillKind, batch: { initial: 500, max: 500 } }, { phase: "backfill" }, dir);

  const all = await Promise.all(
    Array.from({ length: 20 }, () =>
      migrator(["up", "--phase", "all", "--json"], { url: database.url, dir }),
    ),
  );
  expect(all.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(all.map(() => 0));
  const applied = all.flatMap(({ stdout }) =>
    JSON.parse(stdout).applied.map(({ name }: { name: string }) => name),
  );
  expect(applied.sort()).toEqual(
    [backfillName, indexTitles.name, "RequireKind1700000006000", "Slow1700000001000"].sort(),
  );
  expect(await database.query("SELECT name FROM ledger ORDER BY 1")).toEqual([
    { name: "contract" },
    { name: "slow" },
  ]);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 5_000 }]);
  expect(await database.query("SELECT contract, state FROM migrations_floor")).toEqual([
    { contract: "RequireKind1700000006000", state: "final" },
  ]);
  expect(await database.query("SELECT 1 FROM pg_index WHERE NOT indisvalid")).toEqual([]);
  expect(
    await database.query("SELECT name, count(*)::int FROM migrations GROUP BY 1 HAVING count(*) > 1"),
  ).toEqual([]);
}, 120_000);
