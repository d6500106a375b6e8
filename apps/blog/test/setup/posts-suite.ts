import { expect, it } from "vitest";
import type { Client } from "./client.ts";

/** What the posts API promises in every release. */
export function postsSuite(client: () => Client, version: string): void {
  const write = async (title = "A title", body = "A text") => {
    const answer = await client().post("/api/posts", { title, body });
    expect(answer.status, answer.text).toBe(201);
    return answer.json;
  };

  it("writes, reads, replaces and deletes a post", async () => {
    const created = await client().post("/api/posts", { title: " First ", body: "One\n" });
    expect(created.status).toBe(201);
    const { id } = created.json;
    expect(created.headers.get("location")).toBe(`/api/posts/${id}`);
    expect(created.json).toMatchObject({ id: expect.stringMatching(/^\d+$/), title: "First", body: "One\n" });
    expect(await client().get(`/api/posts/${id}`)).toMatchObject({ status: 200, json: created.json });

    const replaced = await client().put(`/api/posts/${id}`, { title: "Second", body: "Two" });
    expect(replaced).toMatchObject({ status: 200, json: { id, title: "Second", body: "Two" } });
    expect(replaced.json.createdAt).toBe(created.json.createdAt);
    expect(Date.parse(replaced.json.updatedAt)).toBeGreaterThan(Date.parse(created.json.updatedAt));
    expect((await client().get(`/api/posts/${id}`)).json).toEqual(replaced.json);

    expect((await client().delete(`/api/posts/${id}`)).status).toBe(204);
    for (const gone of [
      await client().get(`/api/posts/${id}`),
      await client().delete(`/api/posts/${id}`),
      await client().put(`/api/posts/${id}`, { title: "x", body: "y" }),
    ]) {
      expect(gone.status).toBe(404);
    }
  });

  it("pages from the newest on, each post once", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await write(`Post ${n}`)).id);
    const seen: string[] = [];
    let after = "";
    for (let page = 0; page < 3; page++) {
      const { json } = await client().get(`/api/posts?limit=2${after}`);
      seen.push(...json.items.map((post: { id: string }) => post.id));
      after = `&after=${json.next}`;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    const all = await client().get("/api/posts?limit=100");
    expect(all.json.next).toBeNull();
  });

  it("refuses to overwrite what the writer has not seen", async () => {
    const { id, updatedAt } = await write();
    const path = `/api/posts/${id}`;
    const both = await Promise.all([
      client().put(path, { title: "Mine", body: "m", updatedAt }),
      client().put(path, { title: "Yours", body: "y", updatedAt }),
    ]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 409]);
    const winner = both.find((answer) => answer.status === 200);
    expect((await client().get(path)).json).toEqual(winner?.json);
  });

  it.each([
    [{ body: "b" }, ["title"]],
    [{ title: "", body: " " }, ["title", "body"]],
    [{ title: "t".repeat(201), body: "b" }, ["title"]],
    [{ title: "t", body: "b".repeat(100_001) }, ["body"]],
    [{ title: 1, body: null }, ["title", "body"]],
    [{ title: "nul \0", body: "half \ud800" }, ["title", "body"]],
    [{ title: "t", body: "b", colour: "red" }, ["colour"]],
    [{ title: "t", body: "b", updatedAt: "yesterday" }, ["updatedAt"]],
    [[], [""]],
  ])("names each faulty field (%#)", async (body, fields) => {
    const answer = await client().post("/api/posts", body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toMatch("application/problem+json");
    expect(answer.json).toMatchObject({ type: "about:blank", title: "Bad Request", status: 400 });
    expect(answer.json.errors.map((error: { field: string }) => error.field)).toEqual(fields);
  });

  const json = { "content-type": "application/json" };
  it.each([
    ["GET", "/api/posts/0", {}, 404],
    ["GET", "/api/posts/abc", {}, 404],
    ["GET", "/api/posts/9223372036854775808", {}, 404],
    ["GET", "/api/posts/%E0%A4%A", {}, 400],
    ["GET", "/api/posts?limit=0", {}, 400],
    ["GET", "/api/posts?limit=x", {}, 400],
    ["GET", "/api/posts?after=%00", {}, 400],
    ["GET", "/api/nothing", {}, 404],
    ["PATCH", "/api/posts", {}, 405],
    ["POST", "/api/posts", { headers: json, body: "{" }, 400],
    ["POST", "/api/posts", { headers: json, body: `"${"x".repeat(300_000)}"` }, 413],
    ["POST", "/api/posts", { headers: { "content-type": "text/plain" }, body: "{}" }, 415],
    [
      "POST",
      "/api/posts",
      { headers: { "content-type": "application/json; charset=latin-9" }, body: "{}" },
      415,
    ],
    ["POST", "/api/posts", {}, 415],
    ["POST", "/api/posts", { headers: { ...json, origin: "http://elsewhere.example" }, body: "{}" }, 403],
  ])("%s %s (%#) is a problem with its version", async (method, path, init, status) => {
    const answer = await client().send(path, { method, ...init });
    expect(answer.status, answer.text).toBe(status);
    expect(answer.json).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect(answer.headers.get("x-app-version")).toBe(version);
  });

  it.each(["/livez", "/readyz", "/api/version", "/api/posts", "/", "/posts/new", "/nothing"])(
    "%s names the version that served it",
    async (path) => {
      expect((await client().get(path)).headers.get("x-app-version")).toBe(version);
    },
  );
}
