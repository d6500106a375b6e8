import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { browserArguments, resolveBrowser } from "@schema-rollout/toolchain";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { resultsPage } from "../../lab/results/page.ts";
import { strategies } from "../../lab/strategies.ts";
import { trials } from "../../lab/trials.ts";
import { root } from "../../lib/paths.ts";
import { madeUpCells } from "./fixture.ts";

let browser: Browser;
let folder: string;
/** What the page said or asked for that it should not have. */
const faults: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lab-browser-"));
  await writeFile(join(folder, "results.html"), resultsPage(madeUpCells()));
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

type View = NonNullable<Parameters<Browser["newPage"]>[0]>;
/** The page of the made-up cells, or the one in another folder. */
async function open(view: View = {}, from = folder): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1120, height: 900 }, ...view });
  const url = pathToFileURL(join(from, "results.html")).href;
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => request.url() !== url && faults.push(`request: ${request.url()}`));
  await page.goto(url);
  return page;
}

const styleOf = (page: Page, selector: string, property: string): Promise<string> =>
  page
    .locator(selector)
    .first()
    .evaluate(
      (element, name) => element.ownerDocument.defaultView.getComputedStyle(element).getPropertyValue(name),
      property,
    );

test("every cell is in the overview, and every trial under load has a chart for each strategy", async () => {
  const page = await open();
  expect(await page.locator("#matrix tbody td").count()).toBe(strategies.length * trials.length);
  expect(await page.locator("svg.small").count()).toBe(strategies.length * (trials.length - 1));
  expect(await page.locator("#matrix td.never").textContent()).toBe("0 failednever" + "then a step by hand");
  expect(await page.locator("#matrix td.bad", { hasText: "done 3 times" }).count()).toBe(1);
  await page.locator("#matrix thead a", { hasText: "A rollback" }).click();
  expect(new URL(page.url()).hash).toBe("#rollback");
});

test("charts of a trial have one scale: failed requests are an area as wide as they lasted", async () => {
  const page = await open();
  const failed = page.locator("#normal figure", { hasText: "holding-page" }).locator("path.failed");
  const [area, ok] = [
    await failed.getAttribute("d"),
    await page.locator("#normal path.ok").first().getAttribute("d"),
  ];
  // 24 seconds over 240 units: the failed ones reach the top all along, and the answered ones of another strategy do, too.
  expect(area).toMatch(/^M0 64V2H10.*H240V64Z$/);
  expect(ok).toMatch(/^M0 64V2H10.*H240V64Z$/);
  expect(await styleOf(page, "#normal path.failed", "fill")).toBe("rgb(187, 85, 102)");
  expect(await styleOf(page, "#normal path.ok", "fill")).toBe("rgb(43, 95, 158)");
});

test("dark is dark, and follows the system while the page is open", async () => {
  const page = await open({ colorScheme: "light" });
  expect(await styleOf(page, "body", "background-color")).toBe("rgb(247, 247, 244)");
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await styleOf(page, "body", "background-color")).toBe("rgb(18, 21, 24)");
  expect(await styleOf(page, "#normal path.ok", "fill")).toBe("rgb(111, 159, 216)");
});

test("a phone's 375 pixels are enough: only tables scroll, in their own frames", async () => {
  const page = await open({ viewport: { width: 375, height: 812 }, isMobile: true });
  expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(375);
});

test("the published page shows every cell and every chart, on a phone as well", async () => {
  const page = await open({ viewport: { width: 375, height: 812 } }, join(root, "docs/strategies"));
  expect(await page.locator("#matrix tbody td").count()).toBe(strategies.length * trials.length);
  expect(await page.locator("svg.small path.ok").count()).toBe(strategies.length * (trials.length - 1));
  expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(375);
});
