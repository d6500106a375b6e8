import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readRun } from "../lib/report/read.ts";
import { renderReport } from "../lib/report/render.ts";
import { writeReport } from "../lib/report/write.ts";
import { madeUpRun } from "./report-fixture.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "report-test-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test("whatever an answer said is shown as text, and cannot end the data it stands in", () => {
  const run = madeUpRun("red");
  const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`;
  Object.assign(run.failures.causes[0] ?? {}, { what: `read → ${hostile}`, example: hostile });
  Object.assign(run.pods[0] ?? {}, { waiting: `"><b>${hostile}`, states: [["gate", 0]] });
  const page = renderReport(run);
  expect(page).not.toContain("<script>alert");
  expect(page).not.toContain("<img");
  expect(page).toContain("&lt;img src=x onerror=alert(2)&gt;");
  expect(page).toContain("read → \\u003c/script>");
  // The data's own, and the script's.
  expect(page.match(/<\/script>/g)).toHaveLength(2);
});

test("what is inlined goes out with its licence", () => {
  expect(renderReport(madeUpRun("green"))).toMatch(
    /uPlot: .*MIT License[^<]*Copyright \(c\) \d+ Leon Sorokin/s,
  );
});

test("a red run says why at the top, for every reason; a green one says what held", () => {
  const run = madeUpRun("red");
  run.summary.reasons.push("only 9 requests/s arrived");
  const red = renderReport(run);
  expect(red).toContain(`<li>${run.summary.failed} of 16200 requests failed</li>`);
  expect(red).toContain("<li>only 9 requests/s arrived</li>");
  expect(red).toContain("<title>v1 → broken-rename under load: failed</title>");
  const green = renderReport(madeUpRun("green"));
  expect(green).toContain("No request failed and no acknowledged write was lost.");
  expect(green).not.toContain("failure-causes");
});

test("failed requests are counted into the phase in which they were sent", () => {
  const run = madeUpRun("green");
  const [expand, rollout] = ["migrating", "rollout"].map((name) =>
    run.summary.phases.find((phase) => phase.name === name),
  );
  const inExpand = (expand?.to ?? 0) - run.startedAt - 1;
  const inRollout = (rollout?.from ?? 0) - run.startedAt;
  run.failures = { causes: [], at: [inExpand, inRollout, inRollout], ms: [], cause: [], each: 10 };
  const rows = renderReport(run).match(/<td class="bad">[\d,]+<\/td>/g);
  expect(rows).toEqual(['<td class="bad">10</td>', '<td class="bad">20</td>']);
});

test("what is written can be read again, and makes the same page", async () => {
  const where = await folder();
  const run = madeUpRun("contract");
  await writeReport(where, run);
  const page = await readFile(join(where, "report.html"), "utf8");
  expect(renderReport(await readRun(join(where, "run.json")))).toBe(page);
});

test("a run without pods, Jobs and a single good answer still has a report", async () => {
  const where = await folder();
  const run = madeUpRun("red");
  run.summary.longestStallMs = Number.POSITIVE_INFINITY;
  run.jobs = [];
  run.pods = [];
  await writeReport(where, run);
  const page = renderReport(await readRun(join(where, "run.json")));
  expect(page).toMatch(/<div class="bad"><dt>Longest stall<\/dt><dd class="value">–/);
});

test("a record that is not there, or not ours, is told in a sentence", async () => {
  const where = await folder();
  await expect(readRun(join(where, "run.json"))).rejects.toThrow(
    /There is no .*run\.json. A run writes it: make demo/,
  );
  await writeFile(join(where, "run.json"), JSON.stringify({ ...madeUpRun("green"), format: 2 }));
  await expect(readRun(join(where, "run.json"))).rejects.toThrow("run make demo again");
});

test("a run of half an hour in which everything fails stays below a megabyte", () => {
  const run = madeUpRun("red");
  const rows = 30 * 60;
  const column = (figure: number) => Array.from({ length: rows }, () => figure);
  run.perSecond = {
    at: Array.from({ length: rows }, (_, index) => index * 1_000),
    ms: column(1_000),
    served: { v1: column(180), v2: column(45) },
    failed: column(225),
    p50: column(123.4),
    p99: column(1234.5),
    slowest: column(4321.5),
  };
  const many = 10_000;
  run.failures.at = Array.from({ length: many }, (_, index) => index * 180);
  run.failures.ms = Array.from({ length: many }, () => 5_000);
  run.failures.cause = Array.from({ length: many }, () => 3);
  expect(renderReport(run).length).toBeLessThan(1_000_000);
});
