import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../api-suite/client.ts";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { createDatabase } from "./setup/database.ts";

let blog: RunningBlog;
let old: RunningBlog;
let client: Client;

beforeAll(async () => {
  const url = await createDatabase("v2");
  blog = await startBlog("v2", url);
  old = await startBlog("v1", url);
  client = createClient(blog.url);
});
afterAll(() => Promise.all([blog.close(), old.close()]));

const write = async (fields: Record<string, string>) => {
  const answer = await client.form("/posts", fields);
  expect(answer.status, answer.text).toBe(303);
  return answer.headers.get("location") ?? "";
};
const updatedAt = (form: string) => /name="updatedAt" value="([^"]+)"/.exec(form)?.[1] ?? "";

describe("writing from the pages", () => {
  it("leads through empty list, form, post, edit and deletion", async () => {
    expect((await client.get("/")).text).toMatch("Nothing has been written yet");
    expect((await client.get("/posts/new")).text).toMatch('action="/posts"');
    const path = await write({ title: "By hand", body: "One\r\n\r\nTwo" });
    expect((await client.get(`/api${path}`)).json.body).toBe("One\n\nTwo");
    const page = (await client.get(path)).text;
    expect(page).toMatch("<h1>By hand</h1>");
    expect(page).toMatch("<p>Two</p>");

    const form = (await client.get(`${path}/edit`)).text;
    const edited = await client.form(path, { title: "Changed", body: "Two", updatedAt: updatedAt(form) });
    expect(edited).toMatchObject({ status: 303 });
    expect((await client.get("/")).text).toMatch(">Changed</a>");

    const gone = await client.form(`${path}/delete`, {});
    expect(gone.headers.get("location")).toBe("/");
    expect(await client.get(path)).toMatchObject({ status: 404 });
  });

  it("keeps what was typed beside what is wrong with it", async () => {
    const answer = await client.form("/posts", { title: "", body: "typed & kept" });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch("This field must not be empty");
    expect(answer.text).toMatch('aria-describedby="title-error"');
    expect(answer.text).toMatch("typed &amp; kept</textarea>");
  });

  it("keeps what cannot be stored, too", async () => {
    for (const fields of [
      { title: "a\0", body: "typed & kept" },
      { title: "t", body: "typed & kept\0" },
      { title: "t", body: "typed & kept", updatedAt: "+275760-09-13T00:00:00.000Z" },
      { title: "t", body: `typed & kept${"x".repeat(100_000)}` },
    ]) {
      const answer = await client.form("/posts", fields);
      expect(answer.status).toBe(400);
      expect(answer.text).toMatch(/typed &amp; kept[^<]*<\/textarea>/);
    }
    const category = await client.form("/categories", { name: "a\0b" });
    expect(category.status).toBe(400);
    expect(category.text).toMatch("contains characters that cannot be stored");
  });

  it("tells of an edit in between instead of undoing it", async () => {
    const path = await write({ title: "Contended", body: "b" });
    const seen = updatedAt((await client.get(`${path}/edit`)).text);
    await client.form(path, { title: "Theirs", body: "b", updatedAt: seen });
    const answer = await client.form(path, { title: "Mine", body: "my words", updatedAt: seen });
    expect(answer.status).toBe(409);
    expect(answer.text).toMatch("was changed meanwhile");
    expect(answer.text).toMatch("my words</textarea>");
    expect((await client.get(path)).text).toMatch("<h1>Theirs</h1>");
  });

  it("puts a post into a category", async () => {
    expect((await client.form("/categories", { name: "Tea" })).headers.get("location")).toBe(
      "/categories/tea",
    );
    expect((await client.form("/categories", { name: "tea" })).text).toMatch("already there");
    const id = /<option value="(\d+)">Tea</.exec((await client.get("/posts/new")).text)?.[1] ?? "";
    const path = await write({ title: "Green", body: "b", categoryId: id });
    expect((await client.get("/categories/tea")).text).toMatch(">Green</a>");
    expect((await client.get(`${path}/edit`)).text).toMatch(`<option value="${id}" selected>`);
    expect(await write({ title: "None", body: "b", categoryId: "" })).toMatch("/posts/");
  });

  it("from a form of v2 that v1 receives loses nothing", async () => {
    const answer = await createClient(old.url).form("/posts", {
      title: "t",
      body: "my words",
      categoryId: "1",
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch("Release v1 answered: categoryId is not known to this release");
    expect(answer.text).toMatch("my words</textarea>");
  });
});

describe("what writers send", () => {
  const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;

  it("never becomes markup outside the text", async () => {
    await client.form("/categories", { name: attack.slice(0, 60) });
    const { items } = (await client.get("/api/categories")).json;
    const category = items.find((item: { name: string }) => item.name.includes("script"));
    const path = await write({ title: attack, body: attack, categoryId: category.id });
    const pages = [path, "/", `${path}/edit`, "/categories", `/categories/${category.slug}`];
    const invalid = await client.form("/posts", { title: attack, body: "" });
    for (const { text } of [...(await Promise.all(pages.map(client.get))), invalid]) {
      expect(text).toMatch("&lt;script&gt;");
      expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>/i);
    }
    expect((await client.get(`/${attack}`)).text).not.toMatch(/<script|<img/i);
  });

  it.each([
    ["<b onclick=alert(1)>bold</b>", /onclick/],
    ["[click](javascript:alert(1))", /javascript:/],
    ["<iframe src=//x></iframe><style>*{}</style>text", /<iframe|\*\{\}/],
    ["<a href='data:text/html,x'>y</a>", /data:text/],
    ["<form action=/posts><input name=title></form>", /<form action=.?\/posts>/],
  ])("as Markdown keeps plain markup only: %s", async (body, forbidden) => {
    const { text } = await client.get(await write({ title: "m", body }));
    expect(/<article.*<\/article>/s.exec(text)?.[0]).not.toMatch(forbidden);
  });

  it("from another site is refused", async () => {
    const fields = { title: "t", body: "b" };
    for (const [headers, status] of [
      [{ "sec-fetch-site": "cross-site" }, 403],
      [{ "sec-fetch-site": "same-site" }, 403],
      [{ origin: "http://elsewhere.example" }, 403],
      [{ origin: "null" }, 403],
      [{ origin: blog.url }, 303],
      [{ "sec-fetch-site": "same-origin" }, 303],
    ] as const) {
      expect(await client.form("/posts", fields, headers), JSON.stringify(headers)).toMatchObject({ status });
    }
  });

  it("meets a policy that allows no script", async () => {
    const { headers, text } = await client.get("/");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';style-src 'sha256-/);
    expect(text).not.toMatch(/<script| style="/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});
