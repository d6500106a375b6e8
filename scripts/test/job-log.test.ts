import { expect, test } from "vitest";
import { lastWord, parseLog, workOf } from "../lib/rollout/job-log.ts";

const line = (at: string, fields: object) =>
  JSON.stringify({ level: "info", time: `2026-01-01T00:00:${at}Z`, ...fields });
const log = [
  line("01.000", { migration: "A", phase: "backfill", message: "applying" }),
  line("02.000", { migration: "A", message: "4000 rows" }),
  line("03.000", { migration: "A", durationMs: 2000, message: "applied" }),
  line("04.000", { migration: "C", alive: [], message: "the gate of C is closed by blog@1" }),
  line("08.000", { migration: "C", phase: "contract", message: "applying" }),
  line("09.500", { migration: "C", durationMs: 1500, message: "applied" }),
  line("10.000", { migration: "B", phase: "backfill", message: "applying" }),
  line("11.000", { migration: "B", message: "applied" }),
  line("12.000", { event: "summary", exitCode: 0, message: "applied A, C, B" }),
];
const at = (seconds: number) => Date.parse("2026-01-01T00:00:00Z") + seconds * 1000;

test("work of a phase lasts from its first migration's start to its last one's end", () => {
  const lines = parseLog(log.join("\n"));
  expect(workOf(lines, "backfill")).toEqual({ from: at(1), to: at(11) });
  // Waiting for the gate is no work.
  expect(workOf(lines, "contract")).toEqual({ from: at(8), to: at(9.5) });
  expect(workOf(lines, "expand")).toBeUndefined();
});

test("the last word is the summary with its advice, else the last line that was the migrator's", () => {
  expect(
    lastWord(
      parseLog(
        [...log, line("13.000", { event: "summary", message: "Failed.", next: "Repair it." })].join("\n"),
      ),
    ),
  ).toBe("Failed. Repair it.");
  expect(lastWord(parseLog([log[3], "Killed"].join("\n")))).toBe("the gate of C is closed by blog@1");
  expect(lastWord(parseLog(""))).toBeUndefined();
});

test("a lock wait keeps who holds the lock; one in another form costs its details, not the line", () => {
  const wait = {
    relation: "posts",
    mode: "AccessExclusiveLock",
    blockers: [{ pid: 7, applicationName: "psql" }],
  };
  const [known, unknown] = parseLog(
    [
      line("01.000", { wait, message: "waiting" }),
      line("02.000", { wait: "posts", message: "waiting" }),
    ].join("\n"),
  );
  expect(known).toMatchObject({ wait, message: "waiting" });
  expect(unknown).toMatchObject({ message: "waiting" });
  expect(unknown?.wait).toBeUndefined();
});
