import { execFile } from "node:child_process";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { resolveTool } from "@schema-rollout/toolchain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, createDatabase, sql } from "../setup/database.ts";
import { createFolder } from "../setup/folder.ts";
import { type BlogProcess, programOf, startBlogProcess, waitFor } from "../setup/process.ts";
import { documentedQueries, quickConfig, recorded, recordingRules } from "./documented.ts";
import { startPodsApi } from "./pods-api.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";

const queries = await documentedQueries();
const rules = await recorded();
let folder: string;
let databaseUrl: string;
let v1: BlogProcess;
let v2: BlogProcess;
let api: Awaited<ReturnType<typeof startPodsApi>>;
let prometheus: Prometheus;

beforeAll(async () => {
  folder = await createFolder();
  const tool = await resolveTool("prometheus");
  databaseUrl = await createDatabase("v2");
  [v1, v2] = await Promise.all([
    startRelease("v1", { DRAIN_SECONDS: "4" }),
    startRelease("v2", { POOL_SIZE: "2" }),
  ]);
  api = await startPodsApi("blog", [
    { name: "blog-1", phase: "Running", annotations: annotations(v1), ports: ports(v1) },
    { name: "blog-2", phase: "Running", annotations: annotations(v2), ports: ports(v2) },
    { name: "blog-in-its-gate", phase: "Pending", annotations: annotations(v1), ports: ports(v1) },
    { name: "somebody-else", phase: "Running", ports: ports(v1) },
  ]);
  await writeFile(join(folder, "prometheus.yaml"), await quickConfig(api.url));
  await copyFile(recordingRules, join(folder, "recording-rules.yaml"));
  prometheus = await startPrometheus(tool.path, folder);
}, 600_000);
afterAll(async () => {
  await prometheus?.stop();
  api?.close();
  await Promise.all([v1?.stop(), v2?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** From its program as it is: a code cache is not worth making for two starts. */
const startRelease = (name: "v1" | "v2", env: Record<string, string>): Promise<BlogProcess> =>
  startBlogProcess(databaseUrl, { ...env, CODE_CACHE: "" }, programOf(name));

const ports = ({ url, metricsUrl }: BlogProcess) => [url, metricsUrl].map((url) => Number(new URL(url).port));
/** What the chart writes, but for the port. */
const annotations = ({ metricsUrl }: BlogProcess) => ({
  "prometheus.io/scrape": "true",
  "prometheus.io/port": new URL(metricsUrl).port,
  "prometheus.io/path": "/metrics",
});

/** The answer by version: `{ v1: 2, v2: 1 }`. */
async function ask(query: string | undefined): Promise<Record<string, number>> {
  const answers = await prometheus.query(query ?? "nothing");
  return Object.fromEntries(answers.map(({ labels, value }) => [labels.version, value]));
}
const until = (query: string | undefined, wanted: Record<string, number>) =>
  waitFor(async () => {
    const answer = await ask(query);
    const same = Object.keys({ ...answer, ...wanted }).every(
      (version) => answer[version] === wanted[version],
    );
    return same ? true : undefined;
  });

const get = ({ url }: BlogProcess, path: string) => fetch(url + path).then(({ status }) => status);
const times = async (count: number, request: () => Promise<number>) => {
  for (let n = 0; n < count; n++) expect(await request()).toBe(200);
};

/** Of v1: 17 that go well, two that find nothing, one that fails. Of v2: ten that go well. */
async function requests(): Promise<void> {
  await times(17, () => get(v1, "/api/posts"));
  await times(10, () => get(v2, "/api/posts"));
  expect(await get(v1, "/nothing")).toBe(404);
  expect(await get(v1, "/api/posts/0")).toBe(404);
  await sql(databaseUrl, "ALTER TABLE posts RENAME body TO gone");
  expect(await get(v1, "/api/posts")).toBe(500);
  await sql(databaseUrl, "ALTER TABLE posts RENAME gone TO body");
}

it("the rules are right in promtool's eyes, and each is a question of the page", async () => {
  const { path } = await resolveTool("promtool");
  await promisify(execFile)(path, ["check", "rules", "--lint=all", "--lint-fatal", recordingRules]);
  const plain = (query: string) => query.replace(/\s+/g, " ").trim();
  expect(Object.values(rules).map(plain)).toEqual(Object.values(queries).slice(0, 5).map(plain));
});

it("finds the pods that can tell something, at their metrics' port", async () => {
  const targets = await waitFor(async () => {
    const found = await prometheus.targets();
    return found.length > 0 && found.every(({ health }) => health === "up") ? found : undefined;
  });
  const found = targets.map(({ labels: { job, namespace, pod }, scrapeUrl }) => [
    job,
    namespace,
    pod,
    scrapeUrl,
  ]);
  expect(found.toSorted()).toEqual([
    ["blog", "blog", "blog-1", v1.metricsUrl],
    ["blog", "blog", "blog-2", v2.metricsUrl],
  ]);
});

it("answers each question of the page by version", async () => {
  const asked = new Set<string>();
  const question = (name: string) => {
    const query = queries[name];
    if (!query) throw new Error(`docs/metrics.md does not ask "${name}", but: ${Object.keys(queries)}`);
    asked.add(name);
    return query;
  };
  const total = "sum by (version) (blog_http_requests_total)";

  // Nothing has happened yet, and Prometheus has seen that.
  await until(total, { v1: 0, v2: 0 });
  expect(await ask(question("Share of requests that failed"))).toEqual({});
  expect(await ask(question("Pods that serve"))).toEqual({ v1: 1, v2: 1 });
  expect(await ask(question("Pods that drain"))).toEqual({ v1: 0, v2: 0 });
  expect(await ask(question("Pods that a migrator may not see"))).toEqual({ v1: 0, v2: 0 });

  // One failure of twenty shows although it is the first. All of it twice, since a route's series begin with a request.
  for (const n of [1, 2]) {
    await requests();
    await until(total, { v1: n * 20, v2: n * 10 });
    const share = { v1: expect.closeTo(0.05, 6), v2: 0 };
    expect(await ask(question("Share of requests that failed"))).toEqual(share);
  }
  expect(await prometheus.query(question("Routes that fail"))).toMatchObject([
    { labels: { version: "v1", route: "/api/posts" }, value: expect.toSatisfy((rate) => rate > 0) },
  ]);
  // 40 and 20 in what Prometheus takes for the minute, which may be a scrape longer than what it has seen.
  const rate = await ask(question("Requests per second"));
  expect((rate.v1 ?? 0) * 60).toBeGreaterThan(39);
  expect((rate.v1 ?? 0) * 60).toBeLessThan(60);
  expect((rate.v2 ?? 0) * 60).toBeGreaterThan(19);
  expect((rate.v2 ?? 0) * 60).toBeLessThan(30);

  // Three want the posts of v2, which are locked: two wait with its only connections, one for a connection.
  const locker = await connect(databaseUrl);
  await locker.query("BEGIN; LOCK TABLE posts");
  const since = Date.now();
  const held = Promise.all([1, 2, 3].map(() => get(v2, "/api/posts")));
  await until(question("Used share of the fullest pool"), { v1: 0, v2: 1 });
  expect(await ask(question("Queries that wait for a connection"))).toEqual({ v1: 0, v2: 1 });
  await waitFor(() => (Date.now() - since > 1100 ? true : undefined));
  await locker.query("ROLLBACK");
  await locker.end();
  expect(await held).toEqual([200, 200, 200]);
  await until(total, { v1: 40, v2: 23 });
  const slowest = await ask(question("Slowest hundredth, in seconds"));
  expect(slowest.v1).toBeGreaterThan(0);
  expect(slowest.v2).toBeGreaterThan(1);
  expect(slowest.v2).toBeGreaterThan(slowest.v1 ?? Number.NaN);

  // What is recorded is what is asked, a moment ago.
  await until(`sum by (version) (${Object.keys(rules).at(-1)})`, { v1: 0, v2: 0 });
  for (const [record, query] of Object.entries(rules)) {
    const [then, now] = [await ask(record), await ask(query)];
    expect(Object.keys(then).sort(), record).toEqual(["v1", "v2"]);
    for (const [version, value] of Object.entries(now))
      expect(Math.abs((then[version] ?? Number.NaN) - value), record).toBeLessThanOrEqual(value / 4);
  }

  // It tells that it drains as long as it does, and then it is gone.
  const stopped = v1.stop();
  await until(question("Pods that drain"), { v1: 1, v2: 0 });
  expect(await ask(question("Pods that serve"))).toEqual({ v2: 1 });
  expect(await stopped).toBe(0);
  await until(question("Pods that drain"), { v2: 0 });

  expect([...asked].sort()).toEqual(Object.keys(queries).sort());
});
