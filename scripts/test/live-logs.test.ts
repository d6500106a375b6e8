import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followLogs, type Logs } from "../lib/live/follow/logs.ts";
import type { JobPod } from "../lib/live/follow/workload.ts";
import { emptyTimeline } from "../lib/rollout/timeline.ts";
import { at, enter, said, steady } from "./live-states.ts";

/** An API server whose logs say what a test lets them say: a real one is not cut in the middle of a line on demand. */
let server: Server;
let asked: { url: string; answer: ServerResponse; closed: boolean }[];
let logs: Logs;

beforeEach(async () => {
  asked = [];
  server = createServer((request, answer) => {
    const one = { url: request.url ?? "", answer, closed: false };
    asked.push(one);
    answer.on("close", () => {
      one.closed = true;
    });
    answer.writeHead(200).flushHeaders();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "c", server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: "u" },
  );
  logs = followLogs(config, "blog");
});

afterEach(async () => {
  logs.stop();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const pod = (fields: Partial<JobPod> = {}): JobPod => ({
  name: "m-1",
  job: "m",
  jobUid: "1",
  createdAt: 1,
  started: true,
  ended: false,
  ...fields,
});
const line = (message: string, fields = {}) => `${JSON.stringify(said(1, { message, ...fields }))}\n`;
const heard = (job = "m") =>
  logs
    .byJob()
    .get(job)
    ?.map(({ message }) => message);
const requests = (count: number) => expect.poll(() => asked.length, { timeout: 5_000 }).toBe(count);
const askedFor = (name: string) =>
  expect.poll(() => asked.some(({ url }) => url.includes(`/${name}/`)), { timeout: 5_000 }).toBe(true);
const follow = (seconds: number, pods: JobPod[] = [pod()], timeline = emptyTimeline()) =>
  logs.follow(timeline, pods, Date.now() + seconds * 1000);
/** Time goes by, in which a stream that has ended is opened again. */
const reopened = (count: number, pods = [pod()]) =>
  expect
    .poll(() => {
      follow(60, pods);
      return asked.length;
    })
    .toBe(count);

test("a migrator is heard as it speaks, over one connection, and its log is known when it is gone", async () => {
  follow(0, [pod({ started: false })]);
  follow(0);
  follow(0);
  await requests(1);
  expect(asked[0]?.url).toContain("/namespaces/blog/pods/m-1/log?container=migrator&");
  expect(asked[0]?.url).toContain("follow=true");
  asked[0]?.answer.write(`${line("one")}no JSON\n${line("two").slice(0, 20)}`);
  await expect.poll(() => heard()).toEqual(["one"]);
  asked[0]?.answer.end(`${line("two").slice(20)}${line("all", { event: "summary" })}`);
  await expect.poll(() => heard()).toEqual(["one", "two", "all"]);
  // Asked for after it, so what is asked for at all has been by then.
  follow(60, [pod({ ended: true }), pod({ name: "later", job: "c" })]);
  await askedFor("later");
  expect(asked.filter(({ url }) => url.includes("/m-1/"))).toHaveLength(1);
  follow(60, []);
  expect(heard()).toEqual(["one", "two", "all"]);
});

test("a connection that is cut ends nothing: the log is read again, and no line is told twice", async () => {
  follow(0);
  await requests(1);
  asked[0]?.answer.write(`${line("one")}${line("two").slice(0, 9)}`);
  await expect.poll(() => heard()).toEqual(["one"]);
  asked[0]?.answer.destroy();
  await reopened(2);
  expect(heard()).toEqual(["one"]);
  asked[1]?.answer.end(`${line("one")}${line("two")}`);
  await expect.poll(() => heard()).toEqual(["one", "two"]);
  // A migrator that was killed has no last word; read once more after its end, it is read for good.
  await reopened(3, [pod({ ended: true })]);
  asked[2]?.answer.end(`${line("one")}${line("two")}`);
  await expect.poll(() => heard()).toEqual(["one", "two"]);
  for (let again = 0; again < 20; again++) {
    follow(120, [pod({ ended: true })]);
    await new Promise((done) => setTimeout(done, 10));
  }
  await requests(3);
});

test("all attempts of a Job are heard, oldest first", async () => {
  follow(0, [pod({ name: "m-2", createdAt: 2 }), pod(), pod({ name: "other", job: "c" })]);
  await requests(3);
  for (const { url, answer } of asked) answer.end(line(/pods\/([^/]+)/.exec(url)?.[1] ?? ""));
  await expect.poll(() => heard()).toEqual(["m-1", "m-2"]);
  await expect.poll(() => heard("c")).toEqual(["other"]);
});

test("what an earlier Job of the same name said is not told as this one's", async () => {
  follow(0, [pod(), pod({ name: "m-2", jobUid: "2", createdAt: 2 })]);
  await requests(2);
  for (const { url, answer } of asked) answer.end(line(/pods\/([^/]+)/.exec(url)?.[1] ?? ""));
  await expect.poll(() => heard()).toEqual(["m-2"]);
});

test("a gate is asked for its last line once it has been closed for a while, and forgotten when it opens", async () => {
  const timeline = steady();
  const entered = Date.now() / 1000 - at(0) / 1000;
  enter(timeline, entered, ["x", "new", "v2"], "gate");
  follow(0.5, [pod()], timeline);
  await askedFor("m-1");
  expect(asked.splice(0)).toHaveLength(1);
  follow(2, [], timeline);
  await requests(1);
  expect(asked[0]?.url).toContain("/pods/blog-new-x/log?container=wait-for-migration&");
  expect(asked[0]?.url).toContain("tailLines=1");
  asked[0]?.answer.write("Job blog/m is absent\nJob blog/m is not finished\n");
  await expect.poll(() => logs.gateLines.get("blog-new-x")).toBe("Job blog/m is not finished");
  enter(timeline, entered + 3, ["x", "new", "v2"], "starting");
  follow(3, [], timeline);
  expect(logs.gateLines.size).toBe(0);
  await expect.poll(() => asked[0]?.closed).toBe(true);
});

test("stopped before the answer came, nothing is left and nothing fails", async () => {
  follow(0);
  logs.stop();
  await requests(1);
  await expect.poll(() => asked[0]?.closed).toBe(true);
});
