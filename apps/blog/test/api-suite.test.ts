import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../api-suite/client.ts";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { createDatabase, type ReleaseName, type SchemaName } from "./setup/database.ts";
import { suiteOf } from "./setup/suite.ts";

// Two names: the code, and the schema it works on. Where they differ, a rollout is under way: old code on the new
// schema must do everything it did before. "v3 expand" is v3's schema while older code may still be alive.
describe.each<[ReleaseName, SchemaName]>([
  ["v1", "v1"],
  ["v1", "v2"],
  ["v1", "v3 expand"],
  ["v2", "v2"],
  ["v2", "v3 expand"],
  ["v3", "v3 expand"],
  ["v3", "v3"],
  ["v3", "v4"],
  ["broken-rename", "broken-rename"],
  ["broken-not-null", "broken-not-null"],
])("API: code of %s on the schema of %s", (code, schema) => {
  let blog: RunningBlog;
  beforeAll(async () => {
    blog = await startBlog(code, await createDatabase(schema));
  });
  afterAll(() => blog.close());

  it("is served by that release", async () => {
    expect((await createClient(blog.url).get("/api/version")).json.version).toBe(code);
  });
  suiteOf(code, () => blog.url);
});
