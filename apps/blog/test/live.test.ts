import { browserArguments, resolveBrowser } from "@schema-rollout/toolchain";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createClient } from "../api-suite/client.ts";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { createDatabase } from "./setup/database.ts";
import { type Front, startFront } from "./setup/front.ts";
import { waitFor } from "./setup/process.ts";

type View = NonNullable<Parameters<Browser["newPage"]>[0]>;

let v1: RunningBlog;
let v2: RunningBlog;
let front: Front;
let browser: Browser;
/** What the page said or asked for that it should not have. */
const faults: string[] = [];

beforeAll(async () => {
  const databaseUrl = await createDatabase("v2");
  [v1, v2] = await Promise.all([startBlog("v1", databaseUrl), startBlog("v2", databaseUrl)]);
  browser = await chromium.launch({ executablePath: await resolveBrowser(), args: browserArguments() });
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await Promise.all([v1?.close(), v2?.close()]);
});
beforeEach(async () => {
  front = await startFront();
  front.lead(v1.url);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  front.close();
  expect(faults.splice(0)).toEqual([]);
});

async function open(view: View = {}, prepare?: (page: Page) => Promise<void>): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 900, height: 900 }, ...view });
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on(
    "request",
    (request) => request.url().startsWith(front.url) || faults.push(`request: ${request.url()}`),
  );
  await prepare?.(page);
  await page.goto(`${front.url}/live`);
  return page;
}

const summary = (page: Page) => page.locator("#summary").textContent();
const says = (page: Page, text: string) =>
  waitFor(async () => ((await summary(page)) === text ? true : undefined), 40_000);
const marks = (page: Page, mark: string) => page.locator(`#answers .${mark}`).count();
const changes = async (page: Page) =>
  (await page.locator("#changes li").allInnerTexts()).map((text) => text.replace(/^\S+\s+/, ""));
/** Answers by the row of a release. */
const countOf = async (page: Page, row: number) =>
  Number(await page.locator("#counts tr").nth(row).locator("td").first().textContent());
/** How one mark of that kind looks. */
const look = (page: Page, mark: string) =>
  page
    .locator(`#answers .${mark}`)
    .first()
    .evaluate((element) => {
      const { backgroundColor, borderRadius, clipPath, animationName } =
        element.ownerDocument.defaultView.getComputedStyle(element);
      return { colour: backgroundColor, shape: `${borderRadius} ${clipPath}`, animation: animationName };
    });

it("draws who answers through a rollout, each on a connection of its own", async () => {
  const page = await open();
  await says(page, "v1 answers.");
  front.lead(v1.url, v2.url);
  await says(page, "v1 and v2 answer.");
  const before = await countOf(page, 0);
  await waitFor(async () => ((await countOf(page, 0)) > before ? true : undefined));
  front.lead(v2.url);
  await says(page, "v2 answers.");
  expect(await changes(page)).toEqual([
    "v1 answers for the last time.",
    "v2 answers for the first time.",
    "v1 answers for the first time.",
  ]);
  front.lead(v1.url);
  await waitFor(async () => ((await changes(page))[0] === "v1 answers again." ? true : undefined));

  await page.locator("#pause").click();
  await waitFor(async () => ((await marks(page, "asked")) === 0 ? true : undefined));
  expect(await marks(page, "release-0")).toBe(await countOf(page, 0));
  expect(await marks(page, "release-1")).toBe(await countOf(page, 1));
  // The first may have had that on which the page came.
  const answers = (await countOf(page, 0)) + (await countOf(page, 1));
  expect(front.connections).toBeGreaterThanOrEqual(answers);
  const [first, second] = [await look(page, "release-0"), await look(page, "release-1")];
  expect(first.colour).not.toBe(second.colour);
  expect(first.shape).not.toBe(second.shape);
});

it("goes on through failures, and shows them apart", async () => {
  const page = await open();
  await says(page, "v1 answers.");
  front.lead();
  await says(page, "v1 answers; some requests fail.");
  expect(await changes(page)).toContain("A request fails: connection lost or refused.");
  front.lead(v1.url);
  await says(page, "v1 answers.");
  expect(await changes(page)).toContain("The last request that fails.");

  // An answer is no success because it arrives.
  await page.route("**/api/version*", (route) =>
    route.fulfill({ status: 503, headers: { "X-App-Version": "v2" } }),
  );
  await says(page, "v1 answers; some requests fail.");
  expect(await changes(page)).toContain("A request fails: 503 from v2.");
  await page.unroute("**/api/version*");
  await page.route("**/api/version*", (route) => route.fulfill({ body: "somebody else's page" }));
  await waitFor(async () =>
    (await page.locator("#answers .failed").last().getAttribute("title"))?.endsWith("200 from nobody we know")
      ? true
      : undefined,
  );
  const [answer, failure] = [await look(page, "release-0"), await look(page, "failed")];
  expect(failure.colour).not.toBe(answer.colour);
  expect(failure.shape).toMatch("polygon");
  // The browser's own words about each of them.
  expect(faults.splice(0).filter((fault) => !/^console: Failed to load resource/.test(fault))).toEqual([]);
});

it("keeps a minute, and makes room by whole lines", async () => {
  // Stands still before anything is asked: what is under way when it jumps would be late.
  const page = await open({}, async ({ clock }) => {
    await clock.install({ time: 0 });
    await clock.pauseAt(10_000);
  });
  await page.clock.runFor(250);
  // Second by second, since what is asked must be answered within five.
  const fill = async (wanted: number) => {
    for (let n = await countOf(page, 0); n < wanted; n = await countOf(page, 0)) {
      await page.clock.runFor(Math.min(4, wanted - n) * 250);
      await waitFor(async () => ((await marks(page, "asked")) === 0 ? true : undefined));
    }
  };
  await fill(240);
  expect(await marks(page, "release-0")).toBe(240);
  expect(await page.locator("#answers i").count()).toBe(240);
  await fill(241);
  expect(await marks(page, "release-0")).toBe(211);
  expect(await page.locator("#answers i").count()).toBe(240);
});

it("pauses, and misses nobody for having paused", async () => {
  const page = await open();
  await says(page, "v1 answers.");
  await page.locator("#pause").click();
  expect(await page.locator("#pause").textContent()).toBe("Go on");
  await waitFor(async () => ((await marks(page, "asked")) === 0 ? true : undefined));
  const { connections } = front;
  await page.waitForTimeout(1000);
  expect(front.connections).toBe(connections);
  await page.locator("#pause").click();
  await waitFor(() => (front.connections > connections + 2 ? true : undefined));
});

it("runs its own script alone, and asks its own server alone", async () => {
  const { headers, text } = await createClient(v1.url).get("/live");
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/default-src 'none'/);
  expect(policy).toMatch(/script-src 'sha256-[^']+';/);
  expect(policy).toMatch(/connect-src 'self'/);
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(text.match(/<script/g)).toHaveLength(1);
  const page = await open();
  const ran = await page.locator("body").evaluate((body) => {
    const script = body.ownerDocument.createElement("script");
    script.textContent = "document.title = 'run'";
    body.append(script);
    return body.ownerDocument.title;
  });
  expect(ran).not.toBe("run");
  expect(faults.splice(0).join()).toMatch("Content Security Policy");
});

it("says what it shows to those who do not see it, and keeps still for those who ask for that", async () => {
  const page = await open({ reducedMotion: "reduce" });
  await says(page, "v1 answers.");
  expect(await page.getByRole("status").textContent()).toBe("v1 answers.");
  expect(await page.locator("#answers").getAttribute("aria-hidden")).toBe("true");
  await page.getByRole("row", { name: "v1" }).waitFor();
  expect((await look(page, "release-0")).animation).toBe("none");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect((await look(page, "release-0")).animation).toBe("appear");
});

it("fits a phone, and a dark room", async () => {
  const page = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await says(page, "v1 answers.");
  const light = await look(page, "release-0");
  expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(360);
  await page.emulateMedia({ colorScheme: "dark" });
  await waitFor(async () => ((await look(page, "release-0")).colour !== light.colour ? true : undefined));
});

it("is there in every release, and leaves the other pages without a script", async () => {
  for (const { url } of [v1, v2]) {
    const client = createClient(url);
    expect((await client.get("/live")).status).toBe(200);
    expect((await client.get("/")).text).not.toMatch("<script");
    expect((await client.get("/")).headers.get("content-security-policy")).not.toMatch("script-src");
  }
});

it("is answered on a connection that ends, where it asks for that, and on one that stays, where it does not", async () => {
  const connection = async (path: string) => (await createClient(v1.url).get(path)).headers.get("connection");
  expect(await connection("/api/version?connection=close")).toBe("close");
  expect(await connection("/api/version")).toBe("keep-alive");
});
