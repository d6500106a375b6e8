import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { meterLoad } from "../lib/live/follow/load-meter.ts";
import { rawFile } from "../lib/live/follow/raw-file.ts";
import { addAnswers, drawnSeconds, loadView, noCounts } from "../lib/live/model/load-counts.ts";
import { answer, at, load } from "./live-states.ts";

describe("figures of a load", () => {
  test("a rate is of the last whole seconds; what was answered and what failed is of all", () => {
    const view = load(
      [
        { from: 0, to: 30, perSecond: 10 },
        { from: 30, to: 60, perSecond: 20, fields: { d: 40 } },
        { from: 58, to: 59, perSecond: 2, fields: { v: "v2", ok: false, s: 500, e: "boom" } },
      ],
      59.9,
    );
    expect(view).toMatchObject({ perSecond: 21, p99: 40, failed: 2 });
    expect(view?.versions).toMatchObject([
      { version: "v1", perSecond: 20, answered: 900, failed: 0, lastFailure: undefined },
      { version: "v2", perSecond: 1, answered: 2, failed: 2, lastFailure: "list → 500 from v2: boom" },
    ]);
    expect(view?.versions[1]?.seconds.slice(-2)).toEqual([
      { requests: 0, failed: 0 },
      { requests: 2, failed: 2 },
    ]);
  });

  test("none before the first request, none once the load has ended, and hours of it stay small", () => {
    expect(loadView(noCounts(), at(0))).toBeUndefined();
    expect(load([{ from: 0, to: 5, perSecond: 1 }], 19)).toBeDefined();
    expect(load([{ from: 0, to: 5, perSecond: 1 }], 20)).toBeUndefined();
    const counts = noCounts();
    for (let second = 0; second < 1_000; second++) addAnswers(counts, [answer(second)]);
    expect(counts.versions.get("v1")?.seconds.size).toBeLessThan(drawnSeconds + 10);
    expect(counts.recent.length).toBeLessThan(10);
    expect(counts.versions.get("v1")?.answered).toBe(1_000);
  });
});

describe("k6's raw file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "live-load-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("is read as it grows: whole lines only, letters that are cut in two among them", async () => {
    const path = join(folder, "raw");
    const file = rawFile(path);
    expect(await file.next()).toEqual({ lines: [], anew: false });
    const bytes = Buffer.from('one\n"zwölf"\n');
    const cut = bytes.indexOf("ö") + 1;
    await writeFile(path, bytes.subarray(0, cut));
    expect(await file.next()).toEqual({ lines: ["one"], anew: false });
    expect(await file.next()).toEqual({ lines: [], anew: false });
    await appendFile(path, bytes.subarray(cut));
    expect(await file.next()).toEqual({ lines: ['"zwölf"'], anew: false });
  });

  test("longer than one read takes is read bit by bit", async () => {
    const path = join(folder, "raw");
    const line = `${"x".repeat(99)}\n`;
    await writeFile(path, line.repeat(60_000));
    const file = rawFile(path);
    let lines = 0;
    let reads = 0;
    for (let more = true; more; reads++) {
      const part = (await file.next()).lines;
      for (const one of part) if (one !== line.trim()) throw new Error(`cut: ${one}`);
      lines += part.length;
      more = part.length > 0;
    }
    expect({ lines, reads }).toEqual({ lines: 60_000, reads: 3 });
  });

  test("of another run is seen to be another", async () => {
    const path = join(folder, "raw");
    await writeFile(path, "one\ntwo\n");
    const file = rawFile(path);
    await file.next();
    await rm(path);
    expect(await file.next()).toEqual({ lines: [], anew: false });
    await writeFile(path, "new\n");
    expect(await file.next()).toEqual({ lines: ["new"], anew: true });
  });

  test("is counted second by second, and from nothing when another run begins", async () => {
    const paths = ["reused", "new"].map((name) => join(folder, name));
    const answered = (...versions: string[]) =>
      versions.map((v) => `${JSON.stringify({ ...answer(0), t: Date.now(), v })}\n`).join("");
    await writeFile(paths[0] ?? "", `${answered("v1", "v2")}{"intent":true,"t":1}\nnot json\n`);
    const meter = meterLoad(paths);
    const counted = () =>
      meter.view(Date.now())?.versions.map(({ version, answered }) => `${version} ${answered}`);
    try {
      await expect.poll(counted, { timeout: 10_000 }).toEqual(["v1 1", "v2 1"]);
      await writeFile(paths[1] ?? "", answered("v2"));
      await expect.poll(counted, { timeout: 10_000 }).toEqual(["v1 1", "v2 2"]);
      for (const path of paths) await rm(path);
      await writeFile(paths[1] ?? "", answered("v3"));
      await expect.poll(counted, { timeout: 10_000 }).toEqual(["v3 1"]);
      await writeFile(paths[0] ?? "", answered("v3"));
      await expect.poll(counted, { timeout: 10_000 }).toEqual(["v3 2"]);
    } finally {
      meter.stop();
    }
  });
});
