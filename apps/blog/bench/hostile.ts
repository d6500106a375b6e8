import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import { migrations } from "#release";
import { migrate } from "../schema.ts";
import { startBlog } from "./blog.ts";
import { fuzz } from "./fuzz.ts";
import { readNothing } from "./readers.ts";
import { figuresOf, watch } from "./target.ts";
import { storeHostile, viewEach } from "./views.ts";

const root = join(import.meta.dirname, "../../..");

/** What must hold. The event loop's is a view's own share of it, by the processor's account. */
const bounds = { viewMs: 50, residentMiB: 256 };

const { values } = parseArgs({
  options: {
    program: { type: "string", default: join(import.meta.dirname, "../dist/v3/app/blog.mjs") },
    requests: { type: "string", default: "12000" },
    writes: { type: "string", default: "4000" },
    seed: { type: "string", default: "17" },
    out: { type: "string", default: join(root, "artifacts/blog/hostile.json") },
  },
});

const postgres = await startPostgres({ settings: { fsync: "off" } });
const url = await postgres.createDatabase("blog");
await migrate(url, migrations);
const blog = await startBlog(values.program, url);
try {
  const atRest = await figuresOf(blog);
  const paths = await storeHostile(blog);
  const views = await viewEach(blog, paths);
  const worst = views.toSorted((one, other) => other.computedMs - one.computedMs).slice(0, 5);

  const heavy = [...paths.values()].flatMap((path) => [path, `${path}/edit`, `/api${path}`]);
  const watchReaders = watch(blog);
  const readers = readNothing(blog.url, ["/api/posts?limit=100", ...heavy], 50);
  await sleep(20_000);
  const read = await watchReaders();
  readers.close();

  const watchFuzz = watch(blog);
  const amounts = {
    seed: Number(values.seed),
    requests: Number(values.requests),
    writes: Number(values.writes),
  };
  const { outcomes, faults } = await fuzz(blog.url, { ...amounts, atOnce: 16 });
  const fuzzed = { ...amounts, outcomes, faults, ...(await watchFuzz()) };

  const reasons = [
    ...views.filter(({ status }) => status !== 200).map(({ text, status }) => `${text}: ${status}`),
    ...worst
      .filter(({ computedMs }) => computedMs > bounds.viewMs)
      .map(({ text, computedMs }) => `${text}: ${computedMs.toFixed(0)} ms`),
    ...(read.residentMiB > bounds.residentMiB ? [`readers: ${read.residentMiB.toFixed(0)} MiB`] : []),
    ...faults,
  ];
  const summary = { bounds, atRest, views: { worst, all: views }, readers: read, fuzzed, reasons };
  await mkdir(join(values.out, ".."), { recursive: true });
  await writeFile(values.out, `${JSON.stringify(summary, undefined, 2)}\n`);
  console.log(JSON.stringify({ atRest, worst, readers: read, fuzzed, reasons }, undefined, 2));
  process.exitCode = reasons.length > 0 ? 1 : 0;
} finally {
  await blog.stop();
  await postgres.stop();
}
