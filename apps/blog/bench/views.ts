import { computedMs, figuresOf, type Target } from "./target.ts";
import { hostileTexts } from "./texts.ts";

export interface View {
  text: string;
  status: number;
  formatted: boolean;
  bytes: number;
  tookMs: number;
  /** What the view cost the event loop, by the processor's account and by the loop's longest delay. */
  computedMs: number;
  delayMs: number;
}

/** Stores each hostile text as a post; the addresses of their pages. */
export async function storeHostile(target: Target): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const [title, body] of Object.entries(hostileTexts)) {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ title, body }) };
    const answer = await fetch(`${target.url}/api/posts`, init);
    if (answer.status !== 201) throw new Error(`${title}: ${answer.status} ${await answer.text()}`);
    paths.set(title, `/posts/${((await answer.json()) as { id: string }).id}`);
  }
  return paths;
}

/** Views each post once, as the first to do so. */
export async function viewEach(target: Target, paths: Map<string, string>): Promise<View[]> {
  const views: View[] = [];
  for (const [text, path] of paths) {
    await figuresOf(target);
    const [computedBefore, startedAt] = [await computedMs(target), performance.now()];
    const answer = await fetch(target.url + path);
    const page = await answer.text();
    const tookMs = performance.now() - startedAt;
    const computed = (await computedMs(target)) - computedBefore;
    const { longestDelayMs } = await figuresOf(target);
    views.push({
      text,
      status: answer.status,
      formatted: !page.includes("could not be formatted"),
      bytes: page.length,
      tookMs,
      computedMs: computed,
      delayMs: longestDelayMs,
    });
  }
  return views;
}
