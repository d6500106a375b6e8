import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Runs the real migrator as a process and gives its exit code and log. */
export async function migrator(args: string[], databaseUrl: string): Promise<{ code: number; log: string }> {
  const child = spawn("migrator", args, {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [log, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code, log };
}
