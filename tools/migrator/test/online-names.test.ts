import { describe, expect, test } from "vitest";
import { chosenName, derivedName, quote } from "../src/online/ddl/names.ts";
import { addUniqueConstraint, createIndex, setNotNull } from "../src/online/index.ts";
import { createDatabase } from "./support/database.ts";
import { openRunner } from "./support/online.ts";

describe("derived names", () => {
  test("are those PostgreSQL would choose", async () => {
    const database = await createDatabase();
    await database.query(
      "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (x int REFERENCES a, y int UNIQUE, z int)",
    );
    await database.query("CREATE INDEX ON b (z, y)");
    const names = await database.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = 'b'::regclass AND contype <> 'n'
       UNION ALL SELECT 'b_z_y_idx' WHERE to_regclass('b_z_y_idx') IS NOT NULL ORDER BY 1`,
    );
    expect(names.map(({ name }) => name)).toEqual([
      derivedName(["b", "x"], "fkey"),
      derivedName(["b", "y"], "key"),
      derivedName(["b", "z", "y"], "idx"),
    ]);
  });

  test.each([
    ["long", "a".repeat(40), "b".repeat(40)],
    ["of letters with several bytes", "ä".repeat(30), "表".repeat(10)],
  ])("that are %s end at 63 bytes, always the same, different for different columns", (_, table, column) => {
    const name = derivedName([table, column], "not_null_check");
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    expect(Buffer.byteLength(name)).toBeGreaterThan(58);
    expect(name).toMatch(/_[0-9a-f]{8}_not_null_check$/);
    expect(name).not.toContain("\uFFFD");
    expect(derivedName([table, column], "not_null_check")).toBe(name);
    expect(derivedName([table, `${column}2`], "not_null_check")).not.toBe(name);
  });

  test("a chosen one is taken as it is, or refused", () => {
    expect(chosenName("Mine", ["a"], "idx")).toBe("Mine");
    expect(() => chosenName("", ["a"], "idx")).toThrow("has 0 bytes");
    expect(() => chosenName("ä".repeat(32), ["a"], "idx")).toThrow("has 64 bytes");
    expect(quote('a"b')).toBe('"a""b"');
  });
});

test("what has long names is found again, not made twice", async () => {
  const database = await createDatabase();
  const table = `Table ${"t".repeat(57)}`;
  const column = `Column ${"c".repeat(56)}`;
  await database.query(`CREATE TABLE ${quote(table)} (id int PRIMARY KEY, ${quote(column)} int)`);
  const runner = await openRunner(database.url);
  const count = async () => {
    const [row] = await database.query<{ n: number }>(
      "SELECT ((SELECT count(*) FROM pg_index) + (SELECT count(*) FROM pg_constraint))::int AS n",
    );
    return row?.n;
  };
  const all = async () => {
    await createIndex(runner, { table, columns: [column] });
    await addUniqueConstraint(runner, { table, columns: [column] });
    await setNotNull(runner, { table, column });
  };
  await all();
  const made = await count();
  await all();
  expect(await count()).toBe(made);
});
