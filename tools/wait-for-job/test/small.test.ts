import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../src/duration.ts";
import { writeTerminationLog } from "../src/termination-log.ts";
import { backoff, parseRetryAfter } from "../src/watch/backoff.ts";
import { gatherer, TooLong } from "../src/watch/gather.ts";
import { lineSplitter } from "../src/watch/lines.ts";

test.each([
  ["10m", 600_000],
  ["90s", 90_000],
  ["1h", 3_600_000],
  ["1h30m", 5_400_000],
  ["250ms", 250],
  ["576h", 2_073_600_000],
])("duration %s", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

test.each(["", "10", "0s", "-1s", "1d", "1.5h", "10m ", "m", "577h", "1e3s"])("no duration: %j", (text) =>
  expect(parseDuration(text)).toBeUndefined(),
);

test("a termination message too long for the kubelet is cut between two characters", () => {
  const path = join(mkdtempSync(join(tmpdir(), "wait-for-job-log-")), "log");
  writeFileSync(path, "what an earlier attempt left, which is longer than nothing");
  expect(writeTerminationLog(path, "日".repeat(2_000))).toBeUndefined();
  expect(readFileSync(path, "utf8")).toBe("日".repeat(1_365));
  rmSync(dirname(path), { recursive: true });
});

test("a duration is written the way it is read", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000_000 }),
      (n) => parseDuration(formatDuration(n * 1000)) === n * 1000,
    ),
  );
});

test("lines come out the same however the bytes are cut", () => {
  const texts = fc.array(
    fc.string({ unit: "grapheme", minLength: 1 }).map((text) => `a${text.replaceAll("\n", "")}`),
  );
  fc.assert(
    fc.property(texts, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (expected, sizes) => {
      const lines: string[] = [];
      const push = lineSplitter(gatherer("a line"), (one) => lines.push(one));
      const bytes = Buffer.from(expected.map((one) => `${one}\n`).join(""));
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value ?? 1;
        push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(lines).toEqual(expected);
    }),
  );
});

test("a line is bounded, whether it ends or not, and what is unfinished is no line", () => {
  const lines: string[] = [];
  const push = lineSplitter(gatherer("a line", 10), (one) => lines.push(one));
  push(Buffer.from("0123456789\n01234"));
  push(Buffer.from("56789"));
  expect(() => push(Buffer.from("x"))).toThrow(TooLong);
  expect(() => lineSplitter(gatherer("a line", 10), () => undefined)(Buffer.from("0123456789x\n"))).toThrow(
    TooLong,
  );
  expect(lines).toEqual(["0123456789"]);
});

test("backoff doubles, is capped, is spread over half its length, and heeds Retry-After", () => {
  const timing = { backoffBase: 100, backoffCap: 1_000 };
  const at = (failures: number, random: number, retryAfter = 0) =>
    backoff(failures, timing, retryAfter, () => random);
  expect([1, 2, 3, 4, 5, 99].map((n) => at(n, 1))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(at(3, 0)).toBe(200);
  expect(at(1, 0, 7_000)).toBe(7_000);
});

test.each([
  [undefined, 0],
  ["3", 3_000],
  ["100000", 60_000],
  ["Thu, 01 Jan 1970 00:00:05 GMT", 4_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["soon", 0],
  ["-1", 0],
])("Retry-After: %s", (header, milliseconds) => expect(parseRetryAfter(header, 1_000)).toBe(milliseconds));
