import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileTexts } from "../bench/texts.ts";
import { createLog } from "../src/log.ts";
import { createMarkdown, type Markdown } from "../src/markdown/markdown.ts";
import { createThread } from "../src/markdown/thread.ts";
import { patient } from "./setup/blog.ts";

const late = "could not be formatted in time";

describe("Markdown", () => {
  let markdown: Markdown;
  beforeAll(() => {
    markdown = createMarkdown(createLog("silent", "test"), patient);
  });
  afterAll(() => markdown.close());
  const article = async (text: string) => String(await markdown.article(text));

  it("shows deep nesting as far as anybody follows it", async () => {
    const html = await article(`${"> ".repeat(2000)}deep`);
    expect(html).toMatch(/^<blockquote>/);
    expect(html.match(/<blockquote>/g)?.length).toBeLessThan(100);
  });

  it("shows as it was written what would become far more HTML, and nothing of it is markup", async () => {
    const text = `<script>alert("1")</script>'\n\n${hostileTexts["a table's rows and columns"]?.slice(0, 99_000)}`;
    const html = await article(text);
    expect(html).toMatch(late);
    expect(html).toMatch("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;");
    expect(html).not.toMatch("<script");
  });

  it("goes on after a text that takes all of the thread's memory", async () => {
    expect(await article(hostileTexts["a long address, named often"] ?? "")).toMatch(late);
    expect(await article("*on*")).toBe("<p><em>on</em></p>\n");
  });

  it("keeps the order of a list's beginnings, and the same one twice", async () => {
    const html = await markdown.excerpts(["# t\n\na *b*", "b & <i>c</i>", "b & <i>c</i>", ""]);
    expect(html.map(String)).toEqual(["a b", "b &amp; c", "b &amp; c", ""]);
  });
});

describe("the thread", () => {
  const job = (text: string) => ({ rendering: "article", texts: [text] }) as const;

  it("is stopped at the limit, whatever it is doing; the next job gets another", async () => {
    const faults: string[] = [];
    const thread = createThread({ ...patient, runMs: 1 }, (error) => faults.push(error.message));
    expect(await thread.run(job(hostileTexts["emphasis, both ways"] ?? ""))).toBe("stopped");
    expect(faults).toEqual(["stopped after 1 ms"]);
    await thread.close();
    const other = createThread(patient, () => {});
    expect(await other.run(job("a"))).toEqual([{ html: "<p>a</p>\n" }]);
    // Ended by others: the next job does not wait for it.
    await other.close();
    expect(await other.run(job("b"))).toEqual([{ html: "<p>b</p>\n" }]);
    await other.close();
  });

  it("keeps nobody waiting longer than told, nor more than told", async () => {
    const thread = createThread({ ...patient, waitMs: 1, waiting: 2 }, () => {});
    const jobs = Array.from({ length: 4 }, () => thread.run(job("*_".repeat(5000))));
    const [first, ...others] = await Promise.all(jobs);
    expect(first).toHaveLength(1);
    expect(others).toEqual(["crowded", "crowded", "crowded"]);
    await thread.close();
  });
});
