import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { nodeOptions } from "../../bench/image.ts";
import { releaseNames } from "../../build.ts";

const run = promisify(execFile);

/**
 * Gives the programs of programs.ts the code cache that their images have: tests start them hundreds of times, from sources
 * in twice the time.
 */
export default async function setup(project: TestProject): Promise<void> {
  const { dist } = project.getProvidedContext();
  const blogs = (await releaseNames()).map((name) => ({
    args: [join(dist, name, "app/blog.mjs")],
    NODE_OPTIONS: nodeOptions,
  }));
  const migrator = { args: [join(dist, "../migrator/migrator.mjs"), "--help"], NODE_OPTIONS: "" };
  const starts = [migrator, ...blogs].values();
  const write = async () => {
    for (const { args, NODE_OPTIONS } of starts)
      await run(process.execPath, args, {
        env: {
          PATH: process.env.PATH,
          NODE_OPTIONS,
          CODE_CACHE: "write",
          DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
        },
      });
  };
  await Promise.all([write(), write()]);
}
