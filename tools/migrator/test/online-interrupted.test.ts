import { beforeAll, describe, expect, test } from "vitest";
import { kindOf } from "../src/execute/statement.ts";
import { loadParser } from "../src/sql/parser.ts";
import { createDatabase } from "./support/database.ts";
import { catalog, cutAfter, openRunner, prepare } from "./support/online.ts";
import { scenarios } from "./support/scenarios.ts";

beforeAll(loadParser);

/** A crash is the worst moment to be in: after each statement of each helper, then once more from the start. */
describe.each(scenarios)("$name", (scenario) => {
  test("cut after any statement and run again, it ends in the same catalog", async () => {
    const database = await createDatabase();
    await prepare(database, "Whole", scenario);
    const before = await catalog(database, "Whole");
    const runner = await openRunner(database.url);
    const { statements } = cutAfter(runner, Number.POSITIVE_INFINITY);
    await scenario.run(runner, "Whole");
    const expected = await catalog(database, "Whole");
    expect(expected).not.toEqual(before);
    expect(expected.filter((line) => line.endsWith("INVALID") || line.includes("NOT VALID"))).toEqual([]);
    // What takes long is known to the executor as what may wait long: it has no lock_timeout.
    for (const sql of statements)
      expect([sql, kindOf(sql).patient]).toEqual([sql, /VALIDATE|CONCURRENTLY/.test(sql)]);
    const inSteps = statements.length;
    for (let whole = 1; whole <= inSteps; whole++) {
      const schema = `Cut ${whole}`;
      await prepare(database, schema, scenario);
      const first = await openRunner(database.url);
      cutAfter(first, whole);
      await expect(scenario.run(first, schema)).rejects.toThrow();
      await first.connection.destroy();
      await scenario.run(await openRunner(database.url), schema);
      expect(await catalog(database, schema), `cut after ${statements[whole - 1]}`).toEqual(expected);
    }
    // A third time there is nothing left to do.
    const again = await openRunner(database.url);
    const { statements: looks } = cutAfter(again, Number.POSITIVE_INFINITY);
    await scenario.run(again, "Whole");
    expect(
      looks.filter((sql) => /^(ALTER|DROP|CREATE)/.test(sql) && !/pg_temp|TEMPORARY|INDEX [^C]/.test(sql)),
    ).toEqual([]);
    expect(await catalog(database, "Whole")).toEqual(expected);
  });
});
