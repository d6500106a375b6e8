import { afterAll, beforeAll, describe } from "vitest";
import { type RunningBlog, startBlog } from "./setup/blog.ts";
import { createClient } from "./setup/client.ts";
import { createDatabase, type ReleaseName } from "./setup/database.ts";
import { postsSuite } from "./setup/posts-suite.ts";

// The second line is the rollout: old code on the new schema must do everything it did before.
describe.each<[ReleaseName, ReleaseName]>([
  ["v1", "v1"],
  ["v1", "v2"],
  ["v2", "v2"],
  ["broken-rename", "broken-rename"],
])("posts API: code of %s on the schema of %s", (code, schema) => {
  let blog: RunningBlog;
  beforeAll(async () => {
    blog = await startBlog(code, await createDatabase(schema));
  });
  afterAll(() => blog.close());
  postsSuite(() => createClient(blog.url), code);
});
