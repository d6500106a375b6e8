import { pathToFileURL } from "node:url";
import { browserArguments, resolveBrowser } from "@schema-rollout/toolchain";
import { chromium, type Page } from "playwright-core";

const desk = { width: 1120, height: 900 };
const phone = { width: 375, height: 812 };
const views = [
  { name: "light", viewport: desk, colorScheme: "light" },
  { name: "dark", viewport: desk, colorScheme: "dark" },
  { name: "phone", viewport: phone, colorScheme: "light" },
] as const;

/** Pictures of a report down to the end of its charts: PREFIX-light.png, PREFIX-dark.png, PREFIX-phone.png. */
export async function takeScreenshots(report: string, prefix: string): Promise<string[]> {
  const executablePath = await resolveBrowser({ onProgress: console.log });
  const browser = await chromium.launch({ executablePath, args: browserArguments() });
  try {
    const files: string[] = [];
    for (const { name, ...view } of views) {
      const page = await browser.newPage({ ...view, deviceScaleFactor: 1.5 });
      await page.goto(pathToFileURL(report).href);
      const path = `${prefix}-${name}.png`;
      const size = { x: 0, y: 0, width: view.viewport.width, height: await endOfCharts(page) };
      await page.screenshot({ path, fullPage: true, clip: size });
      await page.close();
      files.push(path);
    }
    return files;
  } finally {
    await browser.close();
  }
}

async function endOfCharts(page: Page): Promise<number> {
  const box = await page.locator("#plots").boundingBox();
  return Math.ceil((box?.y ?? 0) + (box?.height ?? 0) + 24);
}
