import { connect as openSocket } from "node:net";
import { describe, expect, it } from "vitest";
import { connect, createDatabase, sql } from "./setup/database.ts";
import { figure, scrape } from "./setup/metrics.ts";
import { spawnBlog, startBlogProcess, waitFor } from "./setup/process.ts";

const rareMethods = "ACL BIND CHECKOUT COPY LINK LOCK MERGE MKCALENDAR MKCOL MOVE NOTIFY PROPFIND".split(" ");
const json = { "content-type": "application/json" };
const write = (url: string, body: string, headers: Record<string, string> = json) =>
  fetch(`${url}/api/posts`, { method: "POST", headers, body });

describe("requests", () => {
  it("are counted by route, method and status, and bear the version", async () => {
    const { url, metricsUrl, stop } = await startBlogProcess(await createDatabase("v3"));
    const count = async (labels: Record<string, string>) =>
      figure(await scrape(metricsUrl), "http_request_duration_seconds_count", labels);
    const total = async (labels = {}) => figure(await scrape(metricsUrl), "http_requests_total", labels);
    // Before the first request: a rise from nothing could not be seen.
    for (const status of ["2xx", "3xx", "4xx", "5xx", "aborted"]) expect(await total({ status })).toBe(0);

    const { id } = (await (await write(url, '{"title":"t","body":"b"}')).json()) as { id: string };
    for (const path of [
      `/api/posts/${id}`,
      `/API/posts/${id}`,
      "/api/posts/999999",
      `/posts/${id}`,
      "/posts/999999",
    ])
      await fetch(url + path);
    await write(url, "{");
    await write(url, "t", { "content-type": "text/plain" });
    await fetch(`${url}/api/posts`, { method: "PATCH" });
    await fetch(`${url}/posts`, {
      method: "POST",
      body: new URLSearchParams({ title: "t", body: "b" }),
      redirect: "manual",
    });

    await waitFor(async () => ((await total()) === 10 ? true : undefined));
    expect(await count({ route: "/api/posts", method: "POST", status: "2xx", version: "v3" })).toBe(1);
    expect(await count({ route: "/api/posts", method: "POST", status: "4xx" })).toBe(2);
    expect(await count({ route: "/api/posts", method: "PATCH", status: "4xx" })).toBe(1);
    expect(await count({ route: "/api/posts/:id", method: "GET", status: "2xx" })).toBe(2);
    // Its error came from below /api, and is not taken for one of the pages.
    expect(await count({ route: "/api/posts/:id", method: "GET", status: "4xx" })).toBe(1);
    expect(await count({ route: "/posts/:id", method: "GET", status: "2xx" })).toBe(1);
    expect(await count({ route: "/posts/:id", method: "GET", status: "4xx" })).toBe(1);
    expect(await count({ route: "/posts", method: "POST", status: "3xx" })).toBe(1);
    expect(await total({ status: "4xx" })).toBe(5);
    for (const { labels } of await scrape(metricsUrl)) expect(labels.version).toBe("v3");
    expect(await stop()).toBe(0);
  });

  it("make no more series however many things that are not here are asked for, by whatever method", async () => {
    const { url, metricsUrl, stop } = await startBlogProcess(await createDatabase("v3"));
    const series = async () =>
      (await scrape(metricsUrl)).filter(({ name }) => name.startsWith("blog_")).length;
    const ask = (n: number) =>
      Promise.all([
        fetch(`${url}/nothing/${n}`),
        fetch(`${url}/api/nothing/${n}`),
        fetch(`${url}/api/posts/${n}x`),
        fetch(`${url}/%E0%A4%A${n}`),
        fetch(`${url}/nothing`, { method: rareMethods[n] ?? "GET" }),
        fetch(`${url}/posts?query=${n}`),
      ]);
    for (let n = 0; n < 2; n++) await ask(n);
    const before = await series();
    for (let n = 2; n < 12; n++) await ask(n);
    expect(await series()).toBe(before);
    const labels = { route: "unmatched", method: "GET", status: "4xx" };
    expect(figure(await scrape(metricsUrl), "http_request_duration_seconds_count", labels)).toBe(48);
    expect(await stop()).toBe(0);
  });

  it("of the kubelet are none: a pod that drains answers one of them with 503 on purpose", async () => {
    const { url, metricsUrl, stop } = await startBlogProcess(await createDatabase("v3"));
    const stopped = stop();
    await waitFor(async () => ((await fetch(`${url}/readyz`)).status === 503 ? true : undefined));
    await fetch(`${url}/livez`);
    expect(figure(await scrape(metricsUrl), "http_requests_total")).toBe(0);
    expect(await stopped).toBe(0);
  });

  it("that a client gives up are told apart from errors", async () => {
    const databaseUrl = await createDatabase("v3");
    const { url, metricsUrl, stop } = await startBlogProcess(databaseUrl);
    const locker = await connect(databaseUrl);
    await locker.query("BEGIN; LOCK TABLE posts");
    const inFlight = async () => figure(await scrape(metricsUrl), "http_requests_in_flight");
    const leaving = new AbortController();
    const given = fetch(`${url}/api/posts`, { signal: leaving.signal }).catch(() => "given up");
    await waitFor(async () => ((await inFlight()) === 1 ? true : undefined));
    leaving.abort();
    expect(await given).toBe("given up");
    await waitFor(async () => ((await inFlight()) === 0 ? true : undefined));
    await locker.end();
    const samples = await scrape(metricsUrl);
    expect(figure(samples, "http_requests_total", { status: "aborted" })).toBe(1);
    expect(figure(samples, "http_requests_total")).toBe(1);
    expect(await stop()).toBe(0);
  });
});

describe("the state of the process", () => {
  it("shows how much of its pool is used, and who waits", async () => {
    const databaseUrl = await createDatabase("v3");
    const { url, metricsUrl, stop } = await startBlogProcess(databaseUrl, { POOL_SIZE: "2" });
    const pool = async () => {
      const samples = await scrape(metricsUrl);
      return ["max_connections", "used_connections", "idle_connections", "waiting_requests"].map((name) =>
        figure(samples, `db_pool_${name}`),
      );
    };
    const locker = await connect(databaseUrl);
    await locker.query("BEGIN; LOCK TABLE posts");
    const answers = Promise.all([1, 2, 3, 4, 5].map(() => fetch(`${url}/api/posts`)));
    await waitFor(async () => ((await pool()).join() === "2,2,0,3" ? true : undefined));
    const connections = figure(await scrape(metricsUrl), "http_connections") ?? 0;
    expect(connections).toBeGreaterThanOrEqual(5);
    await locker.query("ROLLBACK");
    await locker.end();
    for (const { status } of await answers) expect(status).toBe(200);
    await waitFor(async () => ((await pool()).join() === "2,0,2,0" ? true : undefined));
    expect(await stop()).toBe(0);
  });

  it("shows whether a migrator sees it, and the level it is seen with", async () => {
    const databaseUrl = await createDatabase("v3");
    const { metricsUrl, output, stop } = await startBlogProcess(databaseUrl);
    const samples = await scrape(metricsUrl);
    expect(figure(samples, "presence_session")).toBe(1);
    expect(figure(samples, "info", { node: process.version })).toBe(1);
    expect(String(figure(samples, "level"))).toBe(/"schemaLevel":"(\d{13})"/.exec(output())?.[1]);
    // Nobody gets in any more, and who is in has to leave.
    const name = new URL(databaseUrl).pathname.slice(1);
    const admin = databaseUrl.replace(name, "postgres");
    await sql(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await sql(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
    const present = async () => figure(await scrape(metricsUrl), "presence_session");
    await waitFor(async () => ((await present()) === 0 ? true : undefined));
    await sql(admin, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await waitFor(async () => ((await present()) === 1 ? true : undefined));
    expect(await stop()).toBe(0);
  });

  it("has the usual figures of a Node.js process", async () => {
    const { metricsUrl, stop } = await startBlogProcess(await createDatabase("v3"));
    const names = new Set((await scrape(metricsUrl)).map(({ name }) => name));
    for (const name of [
      "process_resident_memory_bytes",
      "process_cpu_seconds_total",
      "nodejs_eventloop_lag_p99_seconds",
    ])
      expect(names).toContain(name);
    expect(await stop()).toBe(0);
  });
});

describe("the metrics' port", () => {
  it("is the only one that has them, and has nothing else", async () => {
    const { url, metricsUrl, stop } = await startBlogProcess(await createDatabase("v3"));
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect((await fetch(metricsUrl.replace("/metrics", "/api/posts"))).status).toBe(404);
    expect((await fetch(metricsUrl, { method: "POST" })).status).toBe(405);
    const answer = await fetch(metricsUrl);
    expect(answer.headers.get("content-type")).toMatch("text/plain; version=0.0.4");
    expect(answer.headers.get("x-app-version")).toBe("v3");
    expect(await stop()).toBe(0);
  });

  it("answers while the blog drains, and after that while it finishes what it has begun", async () => {
    const databaseUrl = await createDatabase("v3");
    const { url, metricsUrl, stop } = await startBlogProcess(databaseUrl);
    expect(figure(await scrape(metricsUrl), "draining")).toBe(0);
    const locker = await connect(databaseUrl);
    await locker.query("BEGIN; LOCK TABLE posts");
    const slow = fetch(`${url}/api/posts`);
    await waitFor(async () =>
      figure(await scrape(metricsUrl), "http_requests_in_flight") === 1 ? true : undefined,
    );

    const stopped = stop();
    await waitFor(async () => (figure(await scrape(metricsUrl), "draining") === 1 ? true : undefined));
    await waitFor(() =>
      fetch(`${url}/livez`).then(
        () => undefined,
        () => true,
      ),
    );
    expect(figure(await scrape(metricsUrl), "http_requests_in_flight")).toBe(1);
    await locker.query("ROLLBACK");
    await locker.end();
    expect((await slow).status).toBe(200);
    expect(await stopped).toBe(0);
    await expect(fetch(metricsUrl)).rejects.toThrow();
  });

  it("does not hold the end up for a scrape whose request never becomes whole", async () => {
    const { metricsUrl, stop, output } = await startBlogProcess(await createDatabase("v3"));
    const { hostname, port } = new URL(metricsUrl);
    const socket = openSocket(Number(port), hostname).on("error", () => {});
    socket.write("GET /metrics HTTP/1.1\r\n");
    expect(await stop()).toBe(0);
    expect(output()).toMatch('"msg":"stopped"');
    socket.destroy();
  });

  it("that is taken stops the start, in one sentence that names the variable", async () => {
    const databaseUrl = await createDatabase("v3");
    const first = await startBlogProcess(databaseUrl);
    const second = spawnBlog(databaseUrl, { METRICS_PORT: new URL(first.metricsUrl).port });
    expect(await second.exited).toBe(1);
    expect(second.output().trim()).toMatch(
      /^The blog cannot start: port \d+ is in use; set METRICS_PORT to a free one\.$/,
    );
    await first.stop();
  });
});
