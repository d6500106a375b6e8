import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { waitFor } from "../setup/process.ts";

export interface Answer {
  labels: Record<string, string>;
  value: number;
}

export interface Prometheus {
  query(expression: string): Promise<Answer[]>;
  targets(): Promise<{ labels: Record<string, string>; health: string; scrapeUrl: string }[]>;
  stop(): Promise<void>;
}

/** A Prometheus with the configuration file and an empty database in that folder. */
export async function startPrometheus(path: string, folder: string): Promise<Prometheus> {
  const args = [
    "--config.file=prometheus.yaml",
    "--storage.tsdb.path=data",
    "--web.listen-address=127.0.0.1:0",
    // Instead of the 5 s in which changes are gathered that a cluster makes all the time.
    "--scrape.discovery-reload-interval=1s",
  ];
  const child: ChildProcess = spawn(path, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  const exited = once(child, "exit");
  const address = await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended:\n${output}`);
    return /msg="Server is ready to receive web requests/.test(output)
      ? /msg="Listening on".* address=(\S+)/.exec(output)?.[1]
      : undefined;
  });
  const get = async (path: string, parameters: Record<string, string>) => {
    const answer = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: never; error?: string };
    if (status !== "success") throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
    return data;
  };
  return {
    async query(query) {
      const data: { result: { metric: Record<string, string>; value: [number, string] }[] } = await get(
        "query",
        {
          query,
        },
      );
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async targets() {
      const data: { activeTargets: Awaited<ReturnType<Prometheus["targets"]>> } = await get("targets", {
        state: "active",
      });
      return data.activeTargets;
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
