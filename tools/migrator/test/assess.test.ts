import { describe, expect, test } from "vitest";
import { assess } from "../src/record/assess.ts";
import type { AppliedMigration, Floor } from "../src/record/read.ts";
import { recordTables } from "../src/record/tables.ts";

const tables = recordTables("public");

const local = (...timestamps: number[]) =>
  timestamps.map((timestamp) => ({
    name: `M${timestamp}`,
    timestamp,
    phase: "expand" as const,
    sha256: `sum-${timestamp}`,
    file: `${timestamp}.mjs`,
  }));

const applied = (...timestamps: number[]): AppliedMigration[] =>
  timestamps.map((timestamp) => ({
    name: `M${timestamp}`,
    timestamp,
    checksum: `sum-${timestamp}`,
    appliedAt: undefined,
    durationMs: undefined,
    history: false,
  }));

const compare = (mine: number[], theirs: AppliedMigration[], floor?: Floor) =>
  assess(
    local(...mine),
    {
      complete: true,
      applied: theirs,
      floor,
      unfinished: [],
      fresh: theirs.length === 0,
      strange: undefined,
      saidToBeEmpty: false,
      occupied: undefined,
      others: [],
    },
    tables,
  );

const floorAt = (floor: number): Floor => ({ floor, contract: `M${floor}`, state: "final" });

describe("what may run", () => {
  test.each([
    ["a fresh database", [1, 2], [], { pending: ["M1", "M2"], newer: [] }],
    ["behind", [1, 2, 3], [1], { pending: ["M2", "M3"], newer: [] }],
    ["current", [1, 2], [1, 2], { pending: [], newer: [] }],
    ["newer database", [1, 2], [1, 2, 3, 4], { pending: [], newer: ["M3", "M4"] }],
  ])("%s", (_, mine, theirs, expected) => {
    const { pending, newer, problems } = compare(mine, applied(...theirs));
    expect({ pending: pending.map(({ name }) => name), newer: newer.map(({ name }) => name) }).toEqual(
      expected,
    );
    expect(problems).toEqual([]);
  });
});

describe("what is refused", () => {
  test.each([
    ["unknown and earlier", [1, 3], applied(1, 2, 3), 21, "M2 is applied in the database but is not among"],
    ["unknown and earlier than a pending one", [1, 3], applied(1, 2), 21, "M2 is applied"],
    ["out of order", [1, 2, 3], applied(1, 3), 21, "M2 is not applied, but the later M3 is"],
    [
      "out of order against a newer release",
      [1, 2],
      applied(1, 3),
      21,
      "M2 is not applied, but the later M3 is",
    ],
    ["recorded twice", [1, 2], applied(1, 1, 2), 21, "M1 is recorded more than once"],
  ])("%s", (_, mine, theirs, exitCode, message) => {
    const { problems } = compare(mine, theirs);
    expect(problems[0]?.exitCode).toBe(exitCode);
    expect(problems.map((problem) => problem.message).join("\n")).toContain(message);
    expect(problems.every((problem) => problem.next !== undefined)).toBe(true);
  });

  test("an edited migration; the way out is SQL that can be pasted", () => {
    const edited = applied(1).map((row) => ({ ...row, checksum: "other" }));
    const { problems } = compare([1], edited);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.next).toContain(
      `UPDATE "public"."migrations_detail" SET checksum = 'sum-1' WHERE name = 'M1';`,
    );
  });

  test.each([
    [2, undefined],
    [1, undefined],
    [3, 24],
  ])("a floor at %i for level 2", (floor, exitCode) => {
    expect(compare([1, 2], applied(1, 2), floorAt(floor)).problems[0]?.exitCode).toBe(exitCode);
  });

  test("a floor that was only proposed refuses nobody", () => {
    expect(compare([1, 2], applied(1, 2), { ...floorAt(3), state: "proposed" }).problems).toEqual([]);
  });

  test("the floor counts before everything else", () => {
    expect(compare([1], applied(1, 1, 9), floorAt(9)).problems[0]?.exitCode).toBe(24);
  });
});

test("rows without a checksum are those to take over", () => {
  const rows = applied(1, 2).map((row) => ({
    ...row,
    checksum: row.timestamp === 1 ? undefined : row.checksum,
  }));
  expect(compare([1, 2], rows).unadopted.map(({ name }) => name)).toEqual(["M1"]);
});
