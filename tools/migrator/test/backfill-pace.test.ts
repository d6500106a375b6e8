import { describe, expect, test } from "vitest";
import { defaultPace, nextSize } from "../src/backfill/pace.ts";
import { percentDone, secondsLeft } from "../src/backfill/progress.ts";
import { behind, restMs } from "../src/backfill/throttle.ts";

describe("the next batch", () => {
  test.each([
    ["as quick as wanted: the same", 1_000, 100, 1_000],
    ["a little slow: a little smaller", 1_000, 125, 800],
    ["far too slow: half, no less", 1_000, 900, 500],
    ["far too quick: twice, no more", 1_000, 1, 2_000],
    ["never above the limit", 8_000, 10, 10_000],
    ["never below the smallest", 12, 5_000, 10],
  ])("%s", (_, size, elapsedMs, expected) => {
    expect(nextSize(size, elapsedMs, defaultPace.targetMs, defaultPace.max)).toBe(expected);
  });

  test("a limit below the smallest batch counts", () => {
    expect(nextSize(7, 1, defaultPace.targetMs, 7)).toBe(7);
  });

  test("settles at the target whatever a row costs", () => {
    for (const targetMs of [defaultPace.targetMs, defaultPace.sharedTargetMs]) {
      for (const msPerRow of [0.01, 0.05, 0.1]) {
        let size = defaultPace.initial;
        for (let i = 0; i < 12; i += 1) size = nextSize(size, size * msPerRow, targetMs, defaultPace.max);
        expect(size * msPerRow).toBeCloseTo(targetMs, 0);
      }
    }
  });
});

describe("the rest after a batch of 100 ms", () => {
  test.each([
    ["none while the server answers as at first", 0.4, 0.3, 0],
    ["none for a few milliseconds more", 5, 0.3, 0],
    ["as long as the batch where it gets slow", 5.4, 0.3, 102],
    ["ten times as long where it is ten times too slow", 53, 0.3, 1_000],
    ["never longer than two seconds", 5_000, 0.3, 2_000],
    ["a distant database has a floor of its own", 70, 20, 0],
  ])("%s", (_, probeMs, floorMs, expected) => {
    expect(restMs({ workMs: 100, share: 1, probeMs, floorMs })).toBeCloseTo(expected, -1);
  });

  test("so long that a share is left to others, and longer where the server is slow", () => {
    expect(restMs({ workMs: 100, share: 0.25, probeMs: 0.4, floorMs: 0.3 })).toBe(300);
    expect(restMs({ workMs: 100, share: 0.25, probeMs: 53, floorMs: 0.3 })).toBeCloseTo(1_000, -1);
  });
});

test("a replica is behind by time or by bytes", () => {
  expect(behind({ ms: 0, bytes: 0 }, defaultPace)).toBe(false);
  expect(behind({ ms: 10_001, bytes: 0 }, defaultPace)).toBe(true);
  expect(behind({ ms: 0, bytes: 300 * 1024 * 1024 }, defaultPace)).toBe(true);
});

test("progress: never done before the end, and an estimate that was too low ends at nothing left", () => {
  expect(percentDone(0, 0)).toBe(0);
  expect(percentDone(250, 1_000)).toBe(25);
  expect(percentDone(1_500, 1_000)).toBe(99);
  expect(secondsLeft(250, 1_000, 100)).toBe(8);
  expect(secondsLeft(1_500, 1_000, 100)).toBe(0);
});
