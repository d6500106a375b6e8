import type { V1Pod } from "@kubernetes/client-node";
import { expect, onTestFinished, test, vi } from "vitest";
import { keepErrors, loggedErrors } from "../lib/rollout/error-log.ts";
import { emptyTimeline, seePod, seePodGone } from "../lib/rollout/timeline.ts";

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

test("a pod's log is read while the pod drains, once; that of one which stays, at the end", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const timeline = emptyTimeline();
  const pod = (name: string, deleted = false): V1Pod => ({
    metadata: {
      name,
      labels: { "app.kubernetes.io/version": name.slice(0, 2) },
      ...(deleted && { deletionTimestamp: new Date(0) }),
    },
  });
  const read: string[] = [];
  const errors = keepErrors(async (name) => {
    read.push(name);
    if (name === "v2-never-ran") throw new Error("the container is waiting to start");
    return line(50, { message: `said by ${name}` });
  }, timeline);

  for (const name of ["v1-old", "v1-killed"]) seePod(timeline, pod(name), 1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(read).toEqual([]);
  seePod(timeline, pod("v1-old", true), 2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(read).toEqual(["v1-old"]);
  seePodGone(timeline, pod("v1-old"), 3);
  seePodGone(timeline, pod("v1-killed"), 3);
  for (const name of ["v2-new", "v2-never-ran"]) seePod(timeline, pod(name), 4);

  expect(await errors.end()).toEqual([
    { release: "v1", message: "said by v1-old", count: 1 },
    { release: "v2", message: "said by v2-new", count: 1 },
  ]);
  expect(read).toEqual(["v1-old", "v2-new", "v2-never-ran"]);
  expect(vi.getTimerCount()).toBe(0);
});
