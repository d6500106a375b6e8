import { stripVTControlCharacters } from "node:util";
import columnsOf from "string-width";
import { expect, test } from "vitest";
import { draw } from "../lib/live/draw/draw.ts";
import { coloured } from "../lib/live/draw/paint.ts";
import { emptyTimeline } from "../lib/rollout/timeline.ts";
import { at, enter, job, load, replicaSets, said, stateOf, steady, upgrading } from "./live-states.ts";

const wide = { width: 110 };
const lineWith = (lines: string[], text: string) => lines.find((line) => line.includes(text)) ?? "";

test("an upgrade: phases, requests by version, ReplicaSets with their pods, Jobs with their progress", () => {
  expect(draw(upgrading(), wide)).toEqual([
    "Phase  steady 12 s › migrating 6 s › ▸ rollout 7 s › ▸ backfill 6 s",
    "Load   225 requests/s  p99 5 ms  0 failed",
    "       v1                                  █████████████████████▆▆▆▆   150/s     5,325 requests  0 failed",
    "       v2                                                       ▃▃▃▃    75/s       300 requests  0 failed",
    "                                           ╰steady     ╰migr…╰rollo…",
    "Deployment blog  3 of 3 ready, 5 pods",
    "├─ v1    blog-7c9d8f6b5c  2 ready, 3 wanted",
    "│  ◌ aaaaa  terminating    3 s",
    "│  ● bbbbb  ready",
    "│  ● ccccc  ready",
    "└─ v2    blog-5f6b7d8c9d  1 ready, 1 wanted",
    "   ● xxxxx  ready          4 s",
    "   ◔ yyyyy  in the gate    3 s  Job blog-migrate-1a2b3c4d5e is not finished: 1 active, 0 failed",
    "Job blog-migrate-1a2b3c4d5e  ✔ done after 6 s  Applied AddCategories1760000000000.",
    "Job blog-contract-9f8e7d6c5b  ▶ running 13 s, attempt 2",
    "    FillCategories1765000000000 (backfill)",
    "    ███████████████░░░░░░░░░ 62 %  31,200 rows, about 8 s left",
  ]);
});

test.each([60, 80, 110, 200])("no line is wider than %i columns, with colours or without", (width) => {
  const plain = draw(upgrading(), { width });
  for (const line of plain) expect(columnsOf(line), line).toBeLessThanOrEqual(width);
  const inColour = draw(upgrading(), { width, paint: coloured });
  expect(inColour.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain);
});

test("60 columns: phases wrap, bars give way to figures, sentences are cut", () => {
  const lines = draw(upgrading(), { width: 60 });
  expect(lines.slice(0, 5)).toEqual([
    "Phase  steady 12 s › migrating 6 s › ▸ rollout 7 s ›",
    "       ▸ backfill 6 s",
    "Load   225 requests/s  p99 5 ms  0 failed",
    "       v1      150/s     5,325 requests  0 failed",
    "       v2       75/s       300 requests  0 failed",
  ]);
  expect(lineWith(lines, "yyyyy")).toBe("   ◔ yyyyy  in the gate    3 s  Job blog-migrate-1a2b3c4d5e…");
});

test("where lines are few, pods share one, which still says what the gate says; what is left out is counted", () => {
  const brief = draw(upgrading(), { ...wide, height: 13 });
  expect(brief).toHaveLength(12);
  expect(brief[6]).toBe("├─ v1    blog-7c9d8f6b5c  ◌●●  2 ready, 3 wanted");
  expect(brief[7]).toMatch(
    /^└─ v2 {4}blog-5f6b7d8c9d {2}●◔ {2}1 ready, 1 wanted {2}in the gate: Job blog-migrate/,
  );
  const cut = draw(upgrading(), { ...wide, height: 6 });
  expect(cut).toHaveLength(6);
  expect(cut.at(-1)).toBe("… 7 more lines");
});

test("words of others cannot move the cursor, turn the writing, break a line or burst it with wide characters", () => {
  const timeline = steady();
  enter(timeline, 2, ["xxxxx", "new", "v2"], "gate");
  job(timeline, 1, ["blog-migrate-1", "migration"]);
  const evil = `\u001b[2J\u001b[31mred\u001b[0m\r\nnext\u202eline ${"表示テスト👩‍👩‍👧".repeat(20)}`;
  const state = stateOf(timeline, 9, {
    gateLines: new Map([["blog-new-xxxxx", evil]]),
    logs: new Map([["blog-migrate-1", [said(2, { migration: evil, message: "applying", phase: "expand" })]]]),
  });
  for (const width of [40, 41, 60, 61, 110]) {
    const lines = draw(state, { width });
    for (const line of lines) {
      expect(columnsOf(line), line).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    }
    expect(lineWith(lines, "xxxxx")).toContain("in the gate");
  }
  expect(lineWith(draw(state, wide), "xxxxx")).toContain("red next line 表示");
});

test("without colours there is not one escape sequence; with them states and versions have their own", () => {
  expect(draw(upgrading(), wide).join("")).not.toContain("\u001b");
  const lines = draw(upgrading(), { ...wide, paint: coloured });
  expect(lineWith(lines, "bbbbb")).toContain("\u001b[32m●");
  expect(lineWith(lines, "yyyyy")).toContain("\u001b[33m◔");
  const colourOf = (version: string) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
    lines.filter((line) => line.includes(version)).map((line) => /\u001b\[(\d+)m(v\d)/.exec(line)?.[1]);
  expect(new Set(colourOf("v1 ")).size).toBe(1);
  expect(new Set(colourOf("v2 ")).size).toBe(1);
  expect(colourOf("v1 ")[0]).not.toBe(colourOf("v2 ")[0]);
});

test("failures: how many, by which release, the seconds in which they were sent, and the last one's words", () => {
  const failed = { ok: false, s: 503, k: "read", e: "no database" };
  const state = stateOf(steady(), 20, {
    load: load(
      [
        { from: 0, to: 20, perSecond: 20 },
        { from: 15, to: 16, perSecond: 3, fields: failed },
        { from: 16, to: 17, perSecond: 1, fields: { ...failed, v: "", s: 0, e: "connection reset" } },
      ],
      20,
    ),
  });
  const lines = draw(state, wide);
  expect(lineWith(lines, "Load")).toMatch(/ 4 failed$/);
  expect(lineWith(lines, "v1 ")).toMatch(/▇{15}✖▇{4} +20\/s +403 requests {2}3 failed$/);
  expect(lineWith(lines, "no answer")).toMatch(/ ✖ {3} +0\/s +1 requests {2}1 failed$/);
  expect(lines).toContain("         read → 503 from v1: no database");
  expect(lines).toContain("         read → no answer: connection reset");
});

test("without a load there is no figure of one, and no time for what was there before we looked", () => {
  expect(draw(stateOf(steady(), 30, { replicaSets }), wide)).toEqual([
    "Phase  ▸ steady 30 s",
    "Deployment blog  3 of 3 ready, 3 pods",
    "└─ v1    blog-7c9d8f6b5c  3 ready, 3 wanted",
    "   ● aaaaa  ready",
    "   ● bbbbb  ready",
    "   ● ccccc  ready",
  ]);
});

test("a release's name is not cut before the others are, up to a point", () => {
  const timeline = steady();
  enter(timeline, 0, ["xxxxx", "new", "broken-rename"], "ready");
  const sets = () => draw(stateOf(timeline, 1), wide).filter((line) => line.includes(" blog-"));
  expect(sets().map((line) => line.slice(0, 22))).toEqual([
    "├─ v1             blog",
    "└─ broken-rename  blog",
  ]);
  enter(timeline, 0, ["yyyyy", "newer", "a-branch-with-a-very-long-name"], "ready");
  expect(sets().at(-1)?.slice(0, 22)).toBe("└─ a-branch-with… blog");
});

test("pods without a Deployment or ReplicaSets known are drawn all the same", () => {
  const lines = draw(stateOf(steady(), 1, { deployment: undefined }), wide);
  expect(lines[1]).toBe("Deployment  3 ready, 3 pods");
  expect(lines[2]).toBe("└─ v1    blog-old  3 ready");
});

test("a Job that failed says why; one that waits says for what; one deleted is not shown", () => {
  const timeline = steady();
  job(timeline, 1, ["blog-migrate-1", "migration"], "Failed");
  job(timeline, 2, ["blog-migrate-2", "migration"]);
  job(timeline, 2, ["blog-migrate-3", "migration"]);
  const gone = timeline.jobs.get("blog-migrate-3");
  if (gone) gone.goneAt = at(3);
  const waits = `waiting for ACCESS EXCLUSIVE on posts, held by ${"pid 7 (psql), ".repeat(20)}`;
  const state = stateOf(timeline, 5, {
    logs: new Map([
      ["blog-migrate-1", [said(1, { event: "summary", message: "Failed.", next: "Repair it." })]],
      [
        "blog-migrate-2",
        [
          said(1, { event: "summary", message: "An earlier attempt lost the database." }),
          said(2, { migration: "AddW0", phase: "expand", message: "applying" }),
          said(2, { migration: "AddW0", message: "applied" }),
          said(3, { migration: "AddX1", phase: "expand", message: "applying" }),
          said(4, { migration: "AddX1", message: waits }),
        ],
      ],
    ]),
  });
  const lines = draw(state, wide);
  const jobs = lines.slice(lines.findIndex((line) => line.startsWith("Job")));
  expect(jobs).toEqual([
    "Job blog-migrate-1  ✖ failed",
    "    Failed. Repair it.",
    "Job blog-migrate-2  ▶ running 3 s",
    "    AddX1 (expand)",
    `    waiting for ACCESS EXCLUSIVE on posts, held by ${"pid 7 (psql), ".repeat(4).trim()}`,
    expect.stringMatching(/^ {4}pid 7 \(psql\), .*…$/),
  ]);
});

test("nothing there yet, and an API server that does not answer, are sentences", () => {
  const nothing = stateOf(emptyTimeline(), 9, { deployment: undefined, silentSince: at(4) });
  expect(draw(nothing, wide)).toEqual([
    "The API server does not answer (5 s); still trying.",
    "No blog in namespace blog yet. make deploy or make demo brings one.",
  ]);
  expect(draw({ ...nothing, now: at(64) }, wide)[0]).toBe(
    "The API server does not answer (1 min 0 s); still trying. Was the cluster made anew? Then start again.",
  );
});
