import { expect, it, onTestFinished } from "vitest";
import { connect, createDatabase, sql } from "./setup/database.ts";
import { startBlogProcess, waitFor } from "./setup/process.ts";
import { startProxy } from "./setup/proxy.ts";

it("survives that PostgreSQL ends all its sessions", async () => {
  const url = await createDatabase("v3");
  const blog = await startBlogProcess(url);
  const list = () => fetch(`${blog.url}/api/posts`).then((response) => response.status);
  expect(await Promise.all(Array.from({ length: 20 }, list))).toEqual(Array(20).fill(200));
  const ended = await sql(
    url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^blog@'",
  );
  expect(ended.length).toBeGreaterThan(1);
  await waitFor(async () => ((await list()) === 200 ? true : undefined));
  expect(await Promise.all(Array.from({ length: 20 }, list))).toEqual(Array(20).fill(200));
  expect(await blog.stop()).toBe(0);
});

it("gives up connections whose other end has vanished without a word", async () => {
  const proxy = await startProxy(await createDatabase("v3"));
  const blog = await startBlogProcess(proxy.url, {
    POOL_SIZE: "2",
    POOL_WAIT_MS: "4000",
    STATEMENT_TIMEOUT_MS: "500",
  });
  // No SIGTERM: its presence session ends in silence too.
  onTestFinished(() => void blog.child.kill("SIGKILL"));
  const both = () =>
    Promise.all([1, 2].map(() => fetch(`${blog.url}/api/posts`).then((response) => response.status)));
  expect(await both()).toEqual([200, 200]);
  proxy.silence();
  expect(await both()).toEqual([503, 503]);
  expect(await both()).toEqual([200, 200]);

  // A write may sit in a transaction, whose ROLLBACK must not wait in vain a second time.
  proxy.silence();
  const started = Date.now();
  const write = await fetch(`${blog.url}/api/posts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: "t", body: "b" }),
  });
  expect(write.status).toBe(503);
  expect(Date.now() - started).toBeLessThan(2500);
});

it("answers 503 in bounded time while a lock holds it up, and stays alive and ready", async () => {
  const url = await createDatabase("v3");
  const blog = await startBlogProcess(url, {
    POOL_SIZE: "2",
    POOL_WAIT_MS: "300",
    STATEMENT_TIMEOUT_MS: "1000",
  });
  const locker = await connect(url);
  await locker.query("BEGIN; LOCK TABLE posts");
  const answers = Promise.all(Array.from({ length: 6 }, () => fetch(`${blog.url}/api/posts`)));
  for (const probe of ["/livez", "/readyz"]) expect((await fetch(blog.url + probe)).status).toBe(200);
  for (const answer of await answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("content-type")).toMatch("application/problem+json");
  }
  const write = await fetch(`${blog.url}/api/posts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: "private words", body: "b" }),
  });
  expect(write.status).toBe(503);
  expect(blog.output()).toMatch("statement timeout");
  expect(blog.output()).not.toMatch("private words");
  await locker.query("ROLLBACK");
  await locker.end();
  expect((await fetch(`${blog.url}/api/posts`)).status).toBe(200);
  await blog.stop();
});
