import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { browserArguments, resolveBrowser } from "@schema-rollout/toolchain";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { writeReport } from "../lib/report/write.ts";
import { madeUpRun } from "./report-fixture.ts";

const runs = { green: madeUpRun("green"), contract: madeUpRun("contract"), red: madeUpRun("red") };
type Kind = keyof typeof runs;
type View = NonNullable<Parameters<Browser["newPage"]>[0]>;

let browser: Browser;
let folder: string;
/** What the page under test said or asked for that it should not have. */
const faults: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-browser-"));
  for (const [kind, run] of Object.entries(runs)) await writeReport(join(folder, kind), run);
  browser = await chromium.launch({ executablePath: await resolveBrowser(), args: browserArguments() });
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(faults.splice(0)).toEqual([]);
});

async function open(kind: Kind, view: View = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1120, height: 900 }, ...view });
  const url = pathToFileURL(join(folder, kind, "report.html")).href;
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => request.url() !== url && faults.push(`request: ${request.url()}`));
  await page.goto(url);
  return page;
}

/** Colour of one point of a chart, as [red, green, blue, alpha]. */
const pixel = (page: Page, chart: string, x: number, y: number): Promise<number[]> =>
  page.locator(`${chart} canvas`).evaluate(
    (canvas, { x, y }) => {
      // Reading the chart's own canvas would change how the browser keeps it.
      const copy = canvas.ownerDocument.createElement("canvas");
      Object.assign(copy, { width: 1, height: 1 });
      const context = copy.getContext("2d");
      context.drawImage(canvas, -Math.round(canvas.width * x), -Math.round(canvas.height * y));
      return [...context.getImageData(0, 0, 1, 1).data];
    },
    { x, y },
  );

/** How many points of a chart have about this colour, however transparent. */
const pixelsLike = (page: Page, chart: string, colour: number[]): Promise<number> =>
  page.locator(`${chart} canvas`).evaluate((canvas, colour) => {
    const copy = canvas.ownerDocument.createElement("canvas");
    const { width, height } = canvas;
    Object.assign(copy, { width, height });
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    let like = 0;
    for (let index = 0; index < data.length; index += 4)
      if (data[index + 3] > 100 && colour.every((part, offset) => Math.abs(data[index + offset] - part) < 12))
        like++;
    return like;
  }, colour);

const textOf = async (page: Page, selector: string) =>
  (await page.locator(selector).first().filter({ visible: true }).allInnerTexts()).join("\n");

/** How wide the whole page is, what sticks out of it included. */
const widthOf = (page: Page): Promise<number> => page.locator("html").evaluate((root) => root.scrollWidth);

const paperOf = (page: Page): Promise<string> =>
  page
    .locator("body")
    .evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor);

const inkOf = (page: Page): Promise<string> =>
  page.locator("body").evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).color);

const point = async (page: Page, selector: string, x: number, y: number) => {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not to be seen`);
  await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
};

test.each(Object.keys(runs) as Kind[])(
  "%s: loads, says nothing, asks for nothing, draws its charts",
  async (kind) => {
    const page = await open(kind);
    expect(await page.title()).toContain(kind === "red" ? "failed" : "passed");
    // The middle of the first seconds: the old release's requests, some tint of blue.
    const [red = 0, , blue = 0, alpha] = await pixel(page, "#requests", 0.2, 0.6);
    expect(alpha).toBeGreaterThan(100);
    expect(blue).toBeGreaterThan(red + 40);
  },
);

test("all charts show the same time at the same place", async () => {
  const page = await open("green");
  const { width = 1 } = (await page.locator("#latency").boundingBox()) ?? {};
  // Between p50 and p99. The first second's figure stands in its middle, so that its first half shows nothing.
  const alpha = async (x: number) => (await pixel(page, "#latency", x / width, 0.665))[3];
  expect([await alpha(50 + 3), await alpha(50 + 14)]).toEqual([0, expect.closeTo(31, -1)]);
});

test("pointing at a moment shows its figures, those of the record", async () => {
  const page = await open("green");
  expect(await page.locator("#tooltip").isVisible()).toBe(false);
  await point(page, "#latency", 0.3, 0.5);
  const shown = (await textOf(page, "#tooltip")).replace(/\s+/g, " ");
  const [, minutes, seconds] = /(\d+):(\d+\.\d)/.exec(shown) ?? [];
  const row = Math.floor(Number(minutes) * 60 + Number(seconds));
  const { served, p50, p99, slowest } = runs.green.perSecond;
  expect(row).toBeGreaterThan(15);
  expect(shown).toContain(`v1 ${served.v1?.[row]}/s v2 0/s failed 0/s`);
  expect(shown).toContain(`p50 ${p50[row]} ms p99 ${p99[row]} ms slowest ${slowest[row]} ms`);
  expect(shown).toContain("plain restart");
  await point(page, "h1", 0.5, 0.5);
  expect(await page.locator("#tooltip").isVisible()).toBe(false);
});

test("the arrow keys do the same for those who have no pointer", async () => {
  const page = await open("green");
  await page.locator("#plots").focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowRight");
  expect(await textOf(page, "#tooltip")).toContain("0:03.0");
});

test("pods, migrations and lock waits say what they are", async () => {
  const page = await open("contract");
  const told = async (selector: string) => {
    await page.locator(selector).first().scrollIntoViewIfNeeded();
    await page.locator(selector).first().hover();
    return textOf(page, "#tooltip .tip");
  };
  expect(await told(".pods .seg.gate[style*='37300']")).toMatch(
    /v3, pod c7dqw on node\nwaiting in the gate for 4.1 s/,
  );
  expect(await told(".jobs .seg.wait")).toMatch(/Waited 300 ms for posts\nheld by pid 214 \(nightly report/);
  expect(await told(".jobs .named:last-child .seg.work")).toMatch(
    /FillCategories \(backfill\)\napplied in 17.2 s/,
  );
  expect(await textOf(page, "#migrations tbody tr:last-child")).toMatch(
    /RequireCategory\s+contract\s+1:02\.5\s+900 ms/,
  );
  expect(await textOf(page, "#lock-waits tbody tr")).toMatch(/AddPostCategory\s+posts/);
});

test("every failed request is a dot with its cause, and the causes are listed", async () => {
  const page = await open("red");
  const { causes } = runs.red.failures;
  const rows = await page.locator("#failure-causes tbody tr").allInnerTexts();
  expect(rows).toHaveLength(causes.length);
  for (const [index, { what, count, example }] of causes.entries()) {
    expect(rows[index]).toContain(what);
    expect(rows[index]).toContain(count.toLocaleString("en"));
    expect(rows[index]).toContain(example.slice(0, 30));
  }
  expect(await textOf(page, "#logged tbody tr")).toMatch(/812\s+v1\s+column Post\.body does not exist/);
  // In the lane of the most frequent cause, in the middle of what failed.
  const { height = 1 } = (await page.locator("#failures").boundingBox()) ?? {};
  await point(page, "#failures", 0.62, 30 / height);
  const tip = await textOf(page, "#tooltip .tip");
  const [, sent, took] = /^read → 500 from v1\nsent at 0:(4\d\.\d), over after (\d+) ms$/.exec(tip) ?? [];
  const { at, ms, cause } = runs.red.failures;
  const same = at.filter(
    (time, index) => cause[index] === 0 && ms[index] === Number(took) && (time / 1_000).toFixed(1) === sent,
  );
  expect(same, tip).not.toEqual([]);
  expect(await pixelsLike(page, "#failures", [187, 85, 102])).toBeGreaterThan(1_000);
  expect(await textOf(page, ".panel.failures .lanes p")).toBe(`${causes[0]?.count} ${causes[0]?.what}`);
});

test("a phase is zoomed in on by a click, a stretch by dragging, and the whole run comes back", async () => {
  const page = await open("contract");
  const shown = () =>
    page
      .locator("#plots")
      .evaluate((plots) => ["--from", "--to"].map((end) => Number(plots.style.getPropertyValue(end))));
  const whole = await shown();
  await page.locator("button", { hasText: "expand" }).click();
  expect(await shown()).toEqual([36_000 - 795, 41_300 + 795]);
  expect(await page.locator("button span", { hasText: "steady" }).isVisible()).toBe(false);
  await page.locator("#whole").click();
  expect(await shown()).toEqual(whole);
  expect(await page.locator("#whole").isVisible()).toBe(false);

  await point(page, "#requests", 0.3, 0.5);
  await page.mouse.down();
  await point(page, "#requests", 0.5, 0.5);
  await page.mouse.up();
  const [from = 0, to = 0] = await shown();
  expect(to - from).toBeGreaterThan(10_000);
  expect(to - from).toBeLessThan(20_000);
});

test.each(["green", "red"] as const)("%s: a phone's 375 pixels are enough for everything", async (kind) => {
  const page = await open(kind, { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true });
  expect(await widthOf(page)).toBeLessThanOrEqual(375);
  // Nor is a figure of the latency table cut off by its frame.
  const { inner, outer } = await page.locator(".scroll:has(.numbers)").evaluate((frame) => ({
    inner: frame.scrollWidth,
    outer: frame.clientWidth,
  }));
  expect(inner).toBeLessThanOrEqual(outer);
  await page.locator("#requests").tap();
  expect(await page.locator("#tooltip").isVisible()).toBe(true);
  expect(await widthOf(page)).toBeLessThanOrEqual(375);
  await page.locator("h1").tap();
  expect(await page.locator("#tooltip").isVisible()).toBe(false);
});

test("dark is dark, page and charts, and follows the system while the page is open", async () => {
  const page = await open("green", { colorScheme: "light" });
  const light = { paper: await paperOf(page), chart: await pixel(page, "#requests", 0.2, 0.6) };
  await page.emulateMedia({ colorScheme: "dark" });
  expect(light.paper).toBe("rgb(247, 247, 244)");
  expect(await paperOf(page)).toBe("rgb(18, 21, 24)");
  await expect.poll(() => pixel(page, "#requests", 0.2, 0.6), { timeout: 10_000 }).not.toEqual(light.chart);
});

test("on paper it is light, even from a dark screen, without what only a screen can do, and nothing is cut off", async () => {
  const page = await open("red", { colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  expect(await paperOf(page)).toBe("rgb(255, 255, 255)");
  expect(await inkOf(page)).toBe("rgb(27, 33, 38)");
  expect(await page.locator(".hint.screen").isVisible()).toBe(false);
  expect(await page.locator("#failure-causes").isVisible()).toBe(true);

  await page.emulateMedia({ media: null });
  const seen = await page.locator("#requests canvas").evaluate(async (canvas) => {
    const window = canvas.ownerDocument.defaultView;
    const width = async (event?: string) => {
      if (event) window.dispatchEvent(new Event(event));
      // Charts are drawn at the end of the task.
      await Promise.resolve();
      return canvas.getBoundingClientRect().width;
    };
    return { before: await width(), printed: await width("beforeprint"), after: await width("afterprint") };
  });
  // A4 with its margins is 703 pixels wide.
  expect(seen.printed).toBeLessThan(703);
  expect(seen.after).toBe(seen.before);
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: false });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
  expect(pages.length).toBeGreaterThan(1);
});
