import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatted } from "../lib/formatted.ts";
import { root } from "../lib/paths.ts";
import { soakResults } from "../soak/results.ts";
import { keepRun, pageOf, type SoakRun } from "../soak/run-record.ts";

const run = (more: Partial<SoakRun> = {}): SoakRun => ({
  format: 1,
  startedAt: Date.UTC(2026, 0, 31, 23, 59),
  minutes: 60.4,
  turns: { upgrade: 12, rollback: 24, "upgrade without migration": 12, restart: 12 },
  red: [],
  requests: 700_000,
  failed: 0,
  droppedIterations: 0,
  acknowledgedWrites: 150_000,
  lostWrites: 0,
  duplicatedWrites: 0,
  alteredWrites: 0,
  longestStallMs: 310,
  connections: { opened: 6, answered: 50, cut: 0, unanswered: 0, resetIdle: 0 },
  servedBy: { v1: 400_000, v2: 300_000 },
  latency: {},
  reasons: [],
  ratios: { migrating: 1.1, rollout: undefined },
  environment: {
    kubernetes: "1.37.2",
    replicas: 3,
    rates: { reused: 180, new: 45 },
    machine: { os: "Linux 6.12.0", cpu: "a processor", cores: 2, memoryGiB: 24 },
    commit: "0d0fb9e",
  },
  ...more,
});

const cellsOf = (line: string | undefined) => line?.split("|").map((cell) => cell.trim());

test("each run is a row, and the last adds them up, red ones too", () => {
  const red = run({
    startedAt: Date.UTC(2026, 1, 1, 8, 5),
    requests: 300_001,
    failed: 2,
    lostWrites: 1,
    longestStallMs: 1_400,
    turns: { upgrade: 2, rollback: 4, "upgrade without migration": 1, restart: 1 },
    red: [{ turn: 3, name: "upgrade", reasons: ["2 requests failed"] }],
    reasons: ["1 turn was red"],
  });
  const rows = soakResults([run(), red])
    .split("\n")
    .filter((line) => line.startsWith("| "));
  expect(cellsOf(rows[2])).toEqual(
    ["", "[2026-01-31 23:59](2026-01-31T2359.json)", "0d0fb9e", "passed", "225", "60", "60", "0"].concat([
      "700,000",
      "0",
      "0",
      "150,000",
      "0",
      "310",
      "1.1 ×",
      "– ×",
      "",
    ]),
  );
  expect(cellsOf(rows[3])?.[3]).toBe("failed");
  // One upgrade too few.
  expect(cellsOf(rows[3])?.[14]).toBe("1.1 ×, not judged");
  expect(cellsOf(rows[4])).toEqual([
    "",
    "all",
    "",
    "",
    "",
    "120",
    "68",
    "1",
    "1,000,001",
    "2",
    "0",
    "300,000",
    "1",
    "1,400",
    "",
    "",
    "",
  ]);
});

test("a run that goes on replaces itself, and stands beside those before it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "soak-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await keepRun(folder, run());
  const later = run({ startedAt: Date.UTC(2026, 1, 1), requests: 10 });
  await keepRun(folder, later);
  await keepRun(folder, { ...later, requests: 300_000 });
  const page = await readFile(join(folder, "README.md"), "utf8");
  expect(page).toContain("1,000,000");
  expect(page).toBe(await pageOf(folder));
});

test("what is kept of a red run is as the style check wants it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "soak-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  // Short enough for one line, which the formatter then asks for.
  await keepRun(folder, run({ reasons: ["1 turn was red"] }));
  const kept = await readFile(join(folder, "2026-01-31T2359.json"), "utf8");
  expect(kept).toContain('"reasons": ["1 turn was red"]');
  expect(kept).toBe(await formatted("docs/soak/2026-01-31T2359.json", kept));
});

const folder = join(root, "docs/soak");
test.runIf(existsSync(folder))("docs/soak/README.md is what its runs come to", async () => {
  expect(await readFile(join(folder, "README.md"), "utf8")).toBe(await pageOf(folder));
});
