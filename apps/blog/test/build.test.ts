import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createClient } from "../api-suite/client.ts";
import { buildRelease, releaseNames } from "../build.ts";
import { levelOf } from "../src/release.ts";
import { createDatabase, releases } from "./setup/database.ts";
import { temporaryFolder } from "./setup/folder.ts";
import { blogFolder, startBlogProcess } from "./setup/process.ts";

it("knows every release, and each knows its migrations", async () => {
  expect(await releaseNames()).toEqual(Object.keys(releases).sort());
});

it("leaves out of v1 all that is v2's", async () => {
  const dist = await temporaryFolder();
  await buildRelease("v1", dist);
  await buildRelease("v2", dist);
  const read = (file: string) => readFile(join(dist, file), "utf8");
  expect(await read("v1/app/blog.mjs")).not.toMatch(/categor/i);
  expect(await read("v2/app/blog.mjs")).toMatch(/categor/i);
  expect((await readdir(join(dist, "v1/migrations"))).sort()).toEqual([
    "1750000000000-CreatePosts.mjs",
    "migrations.json",
  ]);
  expect(await readdir(join(dist, "v2/migrations"))).toHaveLength(5);
  // The migrator's image holds no code of the app.
  await buildRelease("v3", dist);
  for (const release of ["v2", "v3"])
    expect(await read(`${release}/commands/seed.mjs`)).not.toMatch(/express|Content-Security-Policy|zod/i);
});

it("writes down what the chart needs, as the migrations have it", async () => {
  const dist = await temporaryFolder();
  for (const [name, release] of Object.entries(releases)) {
    await buildRelease(name, dist);
    const facts = JSON.parse(await readFile(join(dist, name, "release.json"), "utf8"));
    expect(facts).toEqual({
      version: name,
      schemaKey: name === "v3" ? "AddGeneralCategory1770000000000" : release.migrations.at(-1),
      level: levelOf(release.migrations),
      contract: name === "v3" || name === "v4",
    });
  }
});

it("touches no file a second time, and removes what is no longer built", async () => {
  const dist = await temporaryFolder();
  const times = async () => {
    const files = await readdir(join(dist, "v1"), { recursive: true });
    return Promise.all(
      files.sort().map(async (file) => [file, (await stat(join(dist, "v1", file))).mtimeMs]),
    );
  };
  await buildRelease("v1", dist);
  const first = (await times()).filter(([file]) => /\.\w+$/.test(String(file)));
  await buildRelease("v1", dist);
  expect((await times()).filter(([file]) => /\.\w+$/.test(String(file)))).toEqual(first);
  expect(await readdir(dist)).toEqual(["v1"]);
});

it("makes one file that runs alone, v1's even on the schema of v2", async () => {
  const dist = await temporaryFolder();
  await buildRelease("v1", dist);
  const entry = join(dist, "v1/app/blog.mjs").slice(blogFolder.length);
  const blog = await startBlogProcess(await createDatabase("v2"), {}, entry);
  const client = createClient(blog.url);
  expect((await client.get("/api/version")).json).toEqual({ version: "v1", level: "1750000000000" });
  const { id } = (await client.post("/api/posts", { title: "Bundled", body: "**b**" })).json;
  expect((await client.get(`/posts/${id}`)).text).toMatch("<strong>b</strong>");
  expect((await client.get("/categories")).status).toBe(404);
  expect((await client.get("/live")).text).toMatch('fetch("/api/version');
  expect((await client.get("/api/posts/x")).status).toBe(404);
  expect(await blog.stop()).toBe(0);
  // Every line of the log is JSON of that release.
  for (const line of blog.output().trim().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ version: "v1" });
});
