import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { nodeOptions } from "./image.ts";
import type { Target } from "./target.ts";

/** The blog as it is built. What it logs as a warning or worse goes to standard error. */
export async function startBlog(
  program: string,
  databaseUrl: string,
): Promise<Target & { stop(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: nodeOptions,
      DATABASE_URL: databaseUrl,
      PORT: "0",
      METRICS_PORT: "0",
      DRAIN_SECONDS: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let output = "";
  const ports = await new Promise<string[]>((resolve, reject) => {
    child.stdout?.on("data", (bytes: Buffer) => {
      output = (output + bytes).slice(0, 10_000);
      const found = /"address":.*?"port":(\d+).*"metrics":.*?"port":(\d+)/.exec(output);
      if (found) resolve(found.slice(1));
    });
    void exited.then(() => reject(new Error(`the blog ended:\n${output}`)));
  });
  const url = (port: string | undefined) => `http://127.0.0.1:${port}`;
  return {
    url: url(ports[0]),
    metricsUrl: `${url(ports[1])}/metrics`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
