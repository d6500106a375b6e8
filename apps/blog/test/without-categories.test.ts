import { execFile } from "node:child_process";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../api-suite/client.ts";
import { createDatabase } from "./setup/database.ts";
import { createFolder } from "./setup/folder.ts";
import { type BlogProcess, blogFolder, startBlogProcess } from "./setup/process.ts";
import { suiteOf } from "./setup/suite.ts";

/** What someone does who wants the blog without categories: delete, and take them out of v2. */
async function removeCategories(folder: string): Promise<void> {
  await rm(join(folder, "src/categories"), { recursive: true });
  for (const file of await readdir(join(folder, "migrations"), { recursive: true })) {
    if (/Categor/.test(file)) await rm(join(folder, "migrations", file));
  }
  for (const file of ["v3.ts", "v4.ts", "broken-not-null.ts"]) await rm(join(folder, "src/releases", file));
  const manifest = join(folder, "package.json");
  await writeFile(manifest, (await readFile(manifest, "utf8")).replace("releases/v3.ts", "releases/v2.ts"));
  const release = join(folder, "src/releases/v2.ts");
  const lines = (await readFile(release, "utf8")).split("\n");
  const kept = lines.filter((line) => !/^import .*categories|^ {2}".*Categor/.test(line)).join("\n");
  const registrations = ["categoryOfPost, ", ", categoriesFeature(posts)", ", seedCategories"];
  await writeFile(
    release,
    registrations.reduce((text, mention) => text.replace(mention, ""), kept),
  );
}

describe("the blog with its categories deleted", () => {
  let folder: string;
  let blog: BlogProcess;
  let client: Client;

  beforeAll(async () => {
    folder = await createFolder();
    for (const part of ["src", "commands", "content", "migrations", "package.json"]) {
      await cp(join(blogFolder, part), join(folder, part), { recursive: true });
    }
    await removeCategories(folder);
    blog = await startBlogProcess(await createDatabase("v1"), {}, join(folder, "src/main.ts"));
    client = createClient(blog.url);
  });
  afterAll(async () => {
    await blog?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("compiles", async () => {
    const config = {
      extends: "../../../../tsconfig.json",
      include: ["src", "commands", "migrations"],
      exclude: ["src/live/client"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    await promisify(execFile)("npx", ["tsc", "-p", folder], { cwd: blogFolder });
  });

  it("has none, in the form or anywhere else", async () => {
    expect((await client.get("/posts/new")).text).not.toMatch(/categor/i);
    expect((await client.get("/categories")).status).toBe(404);
  });

  suiteOf("v1", () => blog.url);
});
