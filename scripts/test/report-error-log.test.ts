import { expect, test } from "vitest";
import { loggedErrors } from "../lib/rollout/error-log.ts";

/** As pino writes it in the blog. */
const line = (level: number, err?: object) =>
  JSON.stringify({
    level,
    time: "2026-01-01T00:00:00Z",
    version: "v1",
    ...(err && { err }),
    msg: "it failed",
  });

test("errors are counted by release and message, most frequent first; other lines are passed over", () => {
  const gone = { type: "QueryFailedError", code: "42703", message: "column Post.body\n does not exist" };
  const first = [
    line(50, gone),
    line(30),
    "Killed",
    line(40, { message: "only a warning" }),
    line(50, gone),
    "",
  ];
  const second = [line(60, { message: "no memory" }), line(50, gone)];
  expect(
    loggedErrors([
      { release: "v2", log: second.join("\n") },
      { release: "v1", log: first.join("\n") },
      { release: "v1", log: line(50, gone) },
    ]),
  ).toEqual([
    { release: "v1", message: "column Post.body does not exist (42703)", count: 3 },
    { release: "v2", message: "no memory", count: 1 },
    { release: "v2", message: "column Post.body does not exist (42703)", count: 1 },
  ]);
});
