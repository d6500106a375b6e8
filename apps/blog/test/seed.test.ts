import { DataSource } from "typeorm";
import { expect, it } from "vitest";
import { buildRelease } from "../build.ts";
import { posts } from "../content/read.ts";
import { createDatabase, type ReleaseName, sql } from "./setup/database.ts";
import { temporaryFolder } from "./setup/folder.ts";

type Seed = (db: DataSource, args?: string[]) => Promise<void>;

/** The command as the migrator image carries it: a bundle that brings all it needs. */
async function seedOf(release: ReleaseName): Promise<Seed> {
  const dist = await temporaryFolder();
  await buildRelease(release, dist);
  return (await import(`${dist}/${release}/commands/seed.mjs`)).default;
}

async function run(seed: Seed, url: string, ...args: string[]): Promise<void> {
  const db = await new DataSource({ type: "postgres", url }).initialize();
  try {
    await seed(db, args);
  } finally {
    await db.destroy();
  }
}

const count = async (url: string, where = "true") =>
  Number((await sql<{ n: string }>(url, `SELECT count(*) AS n FROM posts WHERE ${where}`))[0]?.n);

it("of v1 adds the posts once, on its own schema and on that of v2", async () => {
  const seed = await seedOf("v1");
  for (const schema of ["v1", "v2"] as const) {
    const url = await createDatabase(schema);
    await run(seed, url);
    await run(seed, url);
    expect(await count(url)).toBe(posts.length);
  }
});

it("of v2 files the posts that v1's left without a category, and changes no other", async () => {
  const url = await createDatabase("v2");
  await run(await seedOf("v1"), url);
  expect(await count(url, "category_id IS NULL")).toBe(posts.length);
  await sql(url, "INSERT INTO categories (slug, name) VALUES ('mine', 'Mine')");
  await sql(url, "UPDATE posts SET category_id = 1 WHERE title = $1", [posts[0]?.title]);
  const seed = await seedOf("v2");
  await run(seed, url);
  await run(seed, url);
  expect(await count(url)).toBe(posts.length);
  expect(await count(url, "category_id IS NULL")).toBe(0);
  expect(await count(url, "category_id = 1")).toBe(1);
});

it("of v3 writes each post with a category, before its contract and after", async () => {
  const seed = await seedOf("v3");
  for (const schema of ["v3 expand", "v3"] as const) {
    const url = await createDatabase(schema);
    await run(seed, url, "--posts", "10");
    await run(seed, url, "--posts", "10");
    expect(await count(url)).toBe(posts.length + 10);
    expect(await count(url, "category_id IS NULL")).toBe(0);
    const general = "category_id = (SELECT id FROM categories WHERE slug = 'general')";
    expect(await count(url, general)).toBe(10);
  }
});

it("generates as many posts as wanted, and no more the second time", async () => {
  const url = await createDatabase("v1");
  const seed = await seedOf("v1");
  await run(seed, url, "--posts", "25");
  await run(seed, url, "--posts", "40");
  await run(seed, url, "--posts", "40");
  expect(await count(url)).toBe(posts.length + 40);
  await expect(run(seed, url, "--posts", "many")).rejects.toThrow("whole number");
});

it("has at least a dozen posts worth reading, each in a category", () => {
  expect(posts.length).toBeGreaterThanOrEqual(12);
  for (const { title, body, category } of posts) {
    expect(category, title).toBeDefined();
    expect(body.split(/\s+/).length, title).toBeGreaterThan(150);
  }
});
