import { describe, expect, test } from "vitest";
import { judgeLedger } from "../lib/load/ledger.ts";
import { parseLines } from "../lib/load/raw.ts";

const line = (fields: object) =>
  JSON.stringify({ t: 1, d: 1, s: 200, v: "v1", k: "x", c: "reused", ok: true, ...fields });
const intent = (op: string, body?: string) => JSON.stringify({ intent: true, t: 0, op, token: "a", body });
const created = [
  intent("create", "one"),
  line({ t: 1, s: 201, op: "create", token: "a", id: "7", body: "one" }),
];
const edited = [intent("edit", "two"), line({ t: 2, op: "edit", token: "a", id: "7", body: "two" })];
const deleted = [intent("delete"), line({ t: 3, s: 204, op: "delete", token: "a", id: "7" })];
const stored = (body: string, id = "7") => ({ id, title: "Load a", body });
const judge = (lines: string[], posts: ReturnType<typeof stored>[]) => judgeLedger(parseLines(lines), posts);

describe("an acknowledged write", () => {
  test("that reads back as written is fine", () => {
    expect(judge(created, [stored("one")])).toMatchObject({
      acknowledgedWrites: 1,
      lostWrites: 0,
      duplicatedWrites: 0,
      alteredWrites: 0,
    });
    expect(judge([...created, ...edited], [stored("two")])).toMatchObject({
      acknowledgedWrites: 2,
      lostWrites: 0,
      alteredWrites: 0,
    });
    expect(judge([...created, ...deleted], [])).toMatchObject({ acknowledgedWrites: 2, lostWrites: 0 });
  });
  test("that is not there is lost", () => {
    expect(judge(created, [])).toMatchObject({
      lostWrites: 1,
      examples: [expect.stringContaining("lost: a")],
    });
  });
  test("that is there twice is duplicated", () => {
    expect(judge(created, [stored("one"), stored("one", "8")])).toMatchObject({
      lostWrites: 0,
      duplicatedWrites: 1,
    });
  });
  test("whose last edit is missing is altered", () => {
    expect(judge([...created, ...edited], [stored("one")])).toMatchObject({ alteredWrites: 1 });
  });
  test("of a delete that did not last is lost", () => {
    expect(judge([...created, ...deleted], [stored("one")])).toMatchObject({ lostWrites: 1 });
  });
});

describe("a write whose answer was never seen", () => {
  test("may have happened or not", () => {
    const unanswered = [...created, intent("edit", "two")];
    expect(judge(unanswered, [stored("one")])).toMatchObject({ alteredWrites: 0 });
    expect(judge(unanswered, [stored("two")])).toMatchObject({ alteredWrites: 0 });
    expect(judge(unanswered, [stored("three")])).toMatchObject({ alteredWrites: 1 });
  });
  test("may have been a delete", () => {
    expect(judge([...created, intent("delete")], [])).toMatchObject({ lostWrites: 0 });
  });
  test("that failed is not acknowledged", () => {
    const failed = [
      intent("create", "one"),
      line({ s: 500, ok: false, op: "create", token: "a", body: "one" }),
    ];
    expect(judge(failed, [])).toMatchObject({ acknowledgedWrites: 0, lostWrites: 0 });
    expect(judge(failed, [stored("one")])).toMatchObject({ alteredWrites: 0 });
  });
});

test("only a request that k6 itself gave up at the very end counts as cut off", () => {
  const raw = parseLines([
    line({ t: 9_500, s: 0, ok: false, e: "context canceled" }),
    // It hung before the load was stopped: the stop is no excuse.
    line({ t: 8_000, s: 0, ok: false, e: "context canceled" }),
    line({ t: 9_600, s: 0, ok: false, e: "read: connection reset by peer" }),
    line({ t: 10_000, s: 0, ok: false, e: "request timeout" }),
  ]);
  expect(raw.cutOff.map(({ t }) => t)).toEqual([9_500]);
  expect(raw.answers.map(({ t }) => t)).toEqual([8_000, 9_600, 10_000]);
});

test("a line that cannot be read is kept apart, so that the verdict can refuse it", () => {
  expect(parseLines(["{half", ...created]).unreadable).toEqual(["{half"]);
});
