import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resultsMarkdown } from "../../lab/results/markdown.ts";
import { resultsPage } from "../../lab/results/page.ts";
import { steps } from "../../lab/results/small-chart.ts";
import { tableText } from "../../lab/results/terminal.ts";
import { inVain, toDo } from "../../lab/results/words.ts";
import { resultsOf } from "../../lab/results/write.ts";
import { strategies } from "../../lab/strategies.ts";
import { trials } from "../../lab/trials.ts";
import { formatted } from "../../lib/formatted.ts";
import { root } from "../../lib/paths.ts";
import { madeUpCells } from "./fixture.ts";

const cells = madeUpCells();
const cellOf = (strategy: string, trial: string) => {
  const cell = cells.find((one) => one.strategy === strategy && one.trial === trial);
  if (!cell) throw new Error(`no cell ${strategy}.${trial}`);
  return cell;
};

/** Rows of the table below a heading, each as its cells. */
function rowsOf(markdown: string, title: string): string[][] {
  const part = markdown.split("\n## ").find((text) => text.startsWith(title)) ?? "";
  return part
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((text) => text.trim()),
    );
}

test("the table has a row for every strategy in every trial, with its own figures", () => {
  const markdown = resultsMarkdown(cells);
  for (const { title } of trials) {
    const rows = rowsOf(markdown, title).slice(2);
    expect(
      rows.map(([strategy]) => strategy),
      title,
    ).toEqual(strategies.map(({ name }) => `\`${name}\``));
  }
  const [head = [], , ...rows] = rowsOf(markdown, "A normal migration");
  const down = rows.find(([strategy]) => strategy === "`holding-page`") ?? [];
  const figure = (title: string) => down[head.indexOf(title)];
  expect(figure("failed requests")).toBe("1800 of 5400");
  expect(figure("longest without an answer")).toBe("8.2 s");
  expect(figure("seconds with failures")).toBe("8");
  expect(figure("p99 (steady)")).toBe("31.4 ms (5.1)");
  expect(markdown).not.toContain("are measured.");
});

test("every cell is in the overview, in a few words", () => {
  const [head = [], , ...rows] = rowsOf(resultsMarkdown(cells), "At a glance");
  expect(head).toEqual(["strategy", ...trials.map(({ name }) => `\`${name}\``)]);
  expect(rows).toHaveLength(strategies.length);
  const said = (strategy: string, trial: string) =>
    rows.find(([name]) => name === `\`${strategy}\``)?.[head.indexOf(`\`${trial}\``)];
  expect(said("startup", "normal")).toBe("0 failed; 9.3 s");
  expect(said("holding-page", "normal")).toBe("1,800 failed · 8.2 s; 9.3 s");
  expect(said("job-hook", "failing")).toBe("0 failed; never; then a step by hand");
  expect(said("startup-lockless", "replicas")).toBe("done 3 times; 9.3 s");
  expect(said("startup", "credentials")).toBe("every pod, all the time");
  const one = cells.filter(({ strategy }) => strategy === "job-hook");
  expect(rowsOf(resultsMarkdown(one), "At a glance").at(-1)?.[1]).toBe("not measured");
});

test("what is missing is said, and no row is made for it", () => {
  const markdown = resultsMarkdown(cells.filter(({ strategy }) => strategy === "job-hook"));
  expect(markdown).toContain(`Only 8 of ${strategies.length * trials.length} cells are measured.`);
  expect(
    rowsOf(markdown, "A rollback")
      .slice(2)
      .map(([strategy]) => strategy),
  ).toEqual(["`job-hook`"]);
});

test("machine, versions, date and how long it took are printed with it", () => {
  const facts = Object.fromEntries(
    rowsOf(resultsMarkdown(cells), "# Strategies").map(([name, value]) => [name, value]),
  );
  expect(facts).toMatchObject({
    Measured: "2026-01-01 12:00 to 2026-01-01 13:27 UTC",
    "All cells took": "54 minutes",
    Kubernetes: "1.37.2",
    Helm: "4.3.1",
    PostgreSQL: "18.4",
    Commit: "0d0fb9e",
    Machine: "2 cores, a <processor>, 24 GiB, Linux 6.12.0",
  });
});

test("what the operator has to do is what made the next deploy work", () => {
  const stuck = cellOf("job-hook", "failing");
  expect(toDo(stuck)).toBe("repair the cause, then kubectl delete job blog-migrate, then the same deploy");
  expect(toDo(cellOf("startup", "failing"))).toBe("nothing");
  expect(inVain(stuck)).toBe(
    'the same deploy: pre-upgrade hooks failed; the same deploy with Helm 3: jobs.batch "blog-migrate" already exists',
  );
  expect(inVain(cellOf("startup", "failing"))).toBe("–");
  expect(resultsPage(cells)).toContain("then a step by hand");
  const hopeless = { ...stuck, repair: { attempts: [{ what: "the same deploy", worked: false }] } };
  expect(toDo(hopeless)).toBe("nothing that was tried worked");
});

test("the terminal gets a line a cell, with how often the migration ran", () => {
  const lines = tableText(cells).split("\n");
  expect(lines.filter((line) => line.startsWith("  "))).toHaveLength(cells.length);
  expect(lines.find((line) => /startup-lockless.*ran 1\/1\/3/.test(line))).toBeDefined();
});

test("results.md is in the repository's own format", async () => {
  const markdown = await formatted("docs/strategies/results.md", resultsMarkdown(cells));
  expect(await formatted("docs/strategies/results.md", markdown)).toBe(markdown);
  expect(markdown).toContain("| `holding-page`");
});

test("an area has a step for each second and ends at the base", () => {
  expect(steps([0, 100], { seconds: 4, requests: 100 })).toBe("M0 64V64H60V2H120V64Z");
});

test("the page escapes what comes from outside and loads nothing", () => {
  const page = resultsPage(cells);
  expect(page).toContain("a &lt;processor&gt;");
  expect(page).not.toMatch(/<script|src=|https?:/);
  for (const { name } of trials) expect(page).toContain(`id="${name}"`);
});

test("the table and the page that are published are those of the published data, and every cell is there", async () => {
  const published = (name: string) => readFile(join(root, "docs/strategies", name), "utf8");
  const { cells } = JSON.parse(await published("results.json"));
  expect(cells).toHaveLength(strategies.length * trials.length);
  for (const [name, text] of Object.entries(await resultsOf(cells)))
    expect((await published(name)) === text, `${name}: make lab REDRAW=1 writes it`).toBe(true);
});
