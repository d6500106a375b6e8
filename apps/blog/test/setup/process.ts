import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { inject } from "vitest";
import { nodeOptions } from "../../bench/image.ts";
import type { ReleaseName } from "./database.ts";

export const blogFolder = join(import.meta.dirname, "../..");

export interface BlogProcess {
  url: string;
  /** Where it tells of itself. */
  metricsUrl: string;
  child: ChildProcess;
  /** Everything it has written so far. */
  output(): string;
  /** Sends SIGTERM and resolves to the exit code. */
  stop(): Promise<number | null>;
  exited: Promise<number | null>;
}

/** Where a release is started from. */
export const programOf = (release: ReleaseName): string => join(inject("dist"), release, "app/blog.mjs");

/** Runs the blog as a process of its own, by default v3. */
export function spawnBlog(
  databaseUrl: string,
  env: Record<string, string> = {},
  program = programOf("v3"),
): BlogProcess {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH,
      CODE_CACHE: "require",
      NODE_OPTIONS: nodeOptions,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATABASE_URL: databaseUrl,
      PORT: "0",
      METRICS_PORT: "0",
      DRAIN_SECONDS: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return {
    url: "",
    metricsUrl: "",
    child,
    output: () => output,
    exited,
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

/** The same, once it listens. */
export async function startBlogProcess(...args: Parameters<typeof spawnBlog>): Promise<BlogProcess> {
  const blog = spawnBlog(...args);
  const [, port, metricsPort] = await waitFor(() => {
    if (blog.child.exitCode !== null) throw new Error(`the blog ended:\n${blog.output()}`);
    return /"address":.*?"port":(\d+).*"metrics":.*?"port":(\d+)/.exec(blog.output()) ?? undefined;
  });
  const url = (port: string | undefined) => `http://127.0.0.1:${port}`;
  return Object.assign(blog, { url: url(port), metricsUrl: `${url(metricsPort)}/metrics` });
}

/** Asks again and again until there is an answer. */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  limitMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`nothing within ${limitMs} ms: ${ask}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
