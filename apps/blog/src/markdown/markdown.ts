import { hash } from "node:crypto";
import type { Log } from "../log.ts";
import { escaped, type Html, html, trusted } from "../pages/html.ts";
import { createCache } from "./cache.ts";
import type { Rendering } from "./render.ts";
import { createThread, type Limits } from "./thread.ts";

/** The limits of one replica; README.md has them in its table. */
const replicaLimits: Limits = { runMs: 3000, startMs: 10_000, waitMs: 5000, waiting: 50 };
const cachedBytes = 4 * 1024 * 1024;
/** Until a text that could not be rendered is tried again: what stopped it may have been a busy machine. */
const againAfterMs = 60_000;

/** HTML made of a text, or until when there is none. */
type Rendered = { html: string } | { failedUntil: number };

/**
 * A post's Markdown as HTML, for each text once: what it was made of is the key, so an edit is another text, and all
 * views of one text wait for one rendering. What cannot be rendered within the limits is shown as it was written.
 */
export function createMarkdown(log: Log, limits = replicaLimits) {
  const warn = (cause: string) =>
    log.warn({ cause }, "a text could not be rendered; it is shown as it was written");
  const thread = createThread(limits, (error) => warn(error.message));
  const cache = createCache<Rendered>(
    cachedBytes,
    (value) => 200 + ("html" in value ? 2 * value.html.length : 0),
  );
  const underWay = new Map<string, Promise<Rendered>>();

  async function renderAll(rendering: Rendering, texts: readonly string[]): Promise<Rendered[]> {
    const fresh: { key: string; text: string }[] = [];
    const keys = texts.map((text) => hash("sha256", rendering + text, "base64"));
    const found = keys.map((key, n) => {
      const cached = cache.get(key);
      if (cached && ("html" in cached || cached.failedUntil > Date.now())) return cached;
      const text = texts[n] ?? "";
      if (!underWay.has(key) && !fresh.some((other) => other.key === key)) fresh.push({ key, text });
      return undefined;
    });
    if (fresh.length > 0) {
      const job = thread.run({ rendering, texts: fresh.map(({ text }) => text) });
      for (const [n, { key }] of fresh.entries()) {
        const one = job.then((result) => {
          underWay.delete(key);
          // Nothing is known of a text whose turn did not come.
          if (result === "crowded") return { failedUntil: 0 };
          const made = result === "stopped" ? undefined : result[n];
          if (made && "fault" in made) warn(made.fault);
          const rendered: Rendered =
            made && "html" in made ? made : { failedUntil: Date.now() + againAfterMs };
          cache.set(key, rendered);
          return rendered;
        });
        underWay.set(key, one);
      }
    }
    return Promise.all(keys.map((key, n) => found[n] ?? underWay.get(key) ?? { failedUntil: 0 }));
  }

  return {
    async article(text: string): Promise<Html> {
      const [made] = await renderAll("article", [text]);
      return made && "html" in made ? trusted(made.html) : asWritten(text);
    },
    /** One for each text. */
    async excerpts(texts: readonly string[]): Promise<Html[]> {
      const made = await renderAll("excerpt", texts);
      return made.map((one, n) =>
        "html" in one ? trusted(one.html) : html`${(texts[n] ?? "").slice(0, 600)}`,
      );
    },
    warm: thread.warm,
    close: thread.close,
  };
}

export type Markdown = ReturnType<typeof createMarkdown>;

const asWritten = (
  text: string,
): Html => html`<p class="empty">This text could not be formatted in time, so it is shown as it was written.</p>
<pre class="written">${escaped(text)}</pre>`;
