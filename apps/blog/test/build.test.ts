import { cp, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { createClient } from "../api-suite/client.ts";
import { buildRelease, releaseNames } from "../build.ts";
import { levelOf } from "../src/release.ts";
import { createDatabase, releases } from "./setup/database.ts";
import { temporaryFolder } from "./setup/folder.ts";
import { startBlogProcess } from "./setup/process.ts";

const dist = inject("dist");

it("knows every release, and each knows its migrations", async () => {
  expect(await releaseNames()).toEqual(Object.keys(releases).sort());
});

it("leaves out of v1 all that is v2's", async () => {
  const read = (file: string) => readFile(join(dist, file), "utf8");
  expect(await read("v1/app/blog.cjs")).not.toMatch(/categor/i);
  expect(await read("v2/app/blog.cjs")).toMatch(/categor/i);
  expect((await readdir(join(dist, "v1/migrations"))).sort()).toEqual([
    "1750000000000-CreatePosts.mjs",
    "migrations.json",
  ]);
  expect(await readdir(join(dist, "v2/migrations"))).toHaveLength(5);
  // The migrator's image holds no code of the app.
  for (const release of ["v2", "v3"])
    expect(await read(`${release}/commands/seed.mjs`)).not.toMatch(/express|Content-Security-Policy|zod/i);
});

it("writes down what the chart needs, as the migrations have it", async () => {
  for (const [name, release] of Object.entries(releases)) {
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

it("makes a program that runs alone, v1's even on the schema of v2", async () => {
  // Nowhere near the workspace's packages.
  const alone = await mkdtemp(join(tmpdir(), "blog-"));
  onTestFinished(() => rm(alone, { recursive: true }));
  await cp(join(dist, "v1/app"), alone, { recursive: true });
  const blog = await startBlogProcess(await createDatabase("v2"), {}, join(alone, "blog.mjs"));
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
