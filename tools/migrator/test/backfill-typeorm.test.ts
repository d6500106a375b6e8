import { DataSource } from "typeorm";
import { expect, onTestFinished, test, vi } from "vitest";
import { recordTables } from "../src/record/tables.ts";
import { backfillFolder, backfillName, changes, createCounted, fillKind } from "./support/backfill.ts";
import { createDatabase } from "./support/database.ts";

test("under TypeORM's own CLI it works too, without a record of ours and without a word", async () => {
  const database = await createDatabase();
  await createCounted(database, 2_500);
  for (const table of recordTables("public").names) await database.query(`DROP TABLE ${table}`);
  const dir = await backfillFolder(fillKind);
  const dataSource = await new DataSource({
    type: "postgres",
    url: database.url,
    migrationsTransactionMode: "each",
    migrations: [`${dir}/*.mjs`],
  }).initialize();
  onTestFinished(() => dataSource.destroy());
  const said = vi.spyOn(process.stdout, "write");
  const ran = await dataSource.runMigrations();
  expect(said).not.toHaveBeenCalled();
  said.mockRestore();
  expect(ran.map(({ name }) => name)).toEqual([backfillName]);
  expect(await changes(database)).toEqual([{ kind: "note", changes: 1, n: 2_500 }]);
  expect(await database.query("SELECT to_regclass('migrations_backfill') AS t")).toEqual([{ t: null }]);
});
