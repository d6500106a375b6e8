import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { releaseNames } from "../../build.ts";

const run = promisify(execFile);

/**
 * Gives the programs of programs.ts the code cache that their images have: tests start them hundreds of times, from sources
 * in twice the time.
 */
export default async function setup(project: TestProject): Promise<void> {
  const { dist } = project.getProvidedContext();
  const blogs = (await releaseNames()).map((name) => [join(dist, name, "app/blog.mjs")]);
  const starts = [[join(dist, "../migrator/migrator.mjs"), "--help"], ...blogs].values();
  const write = async () => {
    for (const args of starts)
      await run(process.execPath, args, {
        // Without NODE_OPTIONS, as they are started later: V8's flags are part of what a cache fits.
        env: {
          PATH: process.env.PATH,
          CODE_CACHE: "write",
          DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
        },
      });
  };
  await Promise.all([write(), write()]);
}
