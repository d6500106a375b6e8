import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { connect, createDatabase } from "./setup/database.ts";
import { startBlogProcess } from "./setup/process.ts";

interface Outcome {
  status: number;
  connection: string | undefined;
  reused: boolean;
}

const get = (url: string, agent: Agent): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      response.resume().on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          connection: response.headers.connection,
          reused: sent.reusedSocket,
        }),
      );
    });
    sent.on("error", reject).end();
  });

it("cuts off no client: neither one with idle connections nor one whose request is slow", async () => {
  const url = await createDatabase("v3");
  const blog = await startBlogProcess(url, { DRAIN_SECONDS: "2" });
  const other = await startBlogProcess(url);
  const create = { method: "POST", headers: { "content-type": "application/json" } };
  const body = JSON.stringify({ title: "t", body: "b" });
  const { id } = (await (await fetch(`${blog.url}/api/posts`, { ...create, body })).json()) as { id: string };

  // Twelve clients whose connections lie idle for up to a second between requests, as real ones do. Told that a
  // connection is over, they open the next one to the other replica, where a Service would send them.
  const until = Date.now() + 4000;
  const outcomes: Outcome[] = [];
  const clients = Array.from({ length: 12 }, async (_, n) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let base = blog.url; Date.now() < until; await sleep(50 + n * 80)) {
      const outcome = await get(`${base}/api/posts?limit=1`, agent);
      outcomes.push(outcome);
      if (outcome.connection === "close") base = other.url;
    }
    agent.destroy();
  });

  await sleep(700);
  const locker = await connect(url);
  await locker.query("BEGIN; UPDATE posts SET title = 'held' WHERE true");
  const slow = fetch(`${blog.url}/api/posts/${id}`, { ...create, method: "PUT", body });
  await sleep(100);

  const exited = blog.stop();
  await sleep(100);
  const ready = await fetch(`${blog.url}/readyz`);
  expect([ready.status, ready.headers.get("connection")]).toEqual([503, "close"]);
  expect((await fetch(`${blog.url}/livez`)).status).toBe(200);

  await Promise.all(clients);
  // The drain window is over by now; the slow request holds the process, and gets its answer.
  await locker.query("COMMIT");
  await locker.end();
  const answer = await slow;
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
  expect(await exited).toBe(0);
  expect(blog.output()).toMatch('"msg":"stopped"');

  expect(outcomes.filter((outcome) => outcome.status !== 200)).toEqual([]);
  expect(outcomes.some((outcome) => outcome.reused)).toBe(true);
  expect(outcomes.filter((outcome) => outcome.connection === "close").length).toBe(12);
  expect(await other.stop()).toBe(0);
});

it("cuts what is still running at the deadline, and says so", async () => {
  const url = await createDatabase("v3");
  const blog = await startBlogProcess(url, {
    DRAIN_SECONDS: "0",
    SHUTDOWN_SECONDS: "1",
    STATEMENT_TIMEOUT_MS: "3000",
  });
  const locker = await connect(url);
  await locker.query("BEGIN; LOCK TABLE posts");
  const slow = fetch(`${blog.url}/api/posts`).catch(() => "cut");
  await sleep(300);
  expect(await blog.stop()).toBe(1);
  expect(await slow).toBe("cut");
  expect(blog.output()).toMatch("1 s after the drain were cut");
  await locker.end();
});
