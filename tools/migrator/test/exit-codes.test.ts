import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exitCodes } from "../src/exit-codes.ts";

const template = join(import.meta.dirname, "../../../charts/migration-gate/templates/_job.tpl");

test("the chart's Job fails for good on exactly the codes that are final here", async () => {
  const [, listed = ""] = /FailJob[\s\S]*?values: \[([\d, ]+)\]/.exec(await readFile(template, "utf8")) ?? [];
  const final = exitCodes.filter(({ code, retry }) => code !== 0 && !retry).map(({ code }) => code);
  expect(listed.split(",").map(Number)).toEqual(final);
});
