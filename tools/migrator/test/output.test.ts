import { execFile, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, onTestFinished, test } from "vitest";
import { createDatabase, until } from "./support/database.ts";
import { classOf, fileOf, temporaryFolder } from "./support/folder.ts";

/** Enough for more than a pipe holds, 64 KiB. */
const many = 500;

async function manyMigrations(): Promise<string> {
  const dir = await temporaryFolder();
  const sources = Array.from({ length: many }, (_, i) => ({
    name: `CreateTableOfTheLongestName${"x".repeat(40)}${1_700_000_000_000 + i}`,
    up: "SELECT 1",
  }));
  await Promise.all(sources.map((source) => writeFile(join(dir, fileOf(source)), classOf(source))));
  return dir;
}

test("what is longer than a pipe arrives whole, however late it is read; nobody is waited for who does not read", async () => {
  const { url, name, query } = await createDatabase();
  const dir = await manyMigrations();
  const env = { ...process.env, NODE_OPTIONS: "", DATABASE_URL: url, MIGRATIONS_DIR: dir };
  const piped = (args: string, reader: string) =>
    promisify(execFile)(
      "bash",
      [
        "-c",
        `"$0" "$1" ${args} | (${reader}); echo "code \${PIPESTATUS[0]}"`,
        process.execPath,
        inject("program"),
      ],
      { env, maxBuffer: 1e7 },
    );

  const [slow, summary, plan, gone] = await Promise.all([
    piped("status --json 2>/dev/null", "sleep 3; cat"),
    // The last line holds all of them, too.
    piped("status 2>&1 >/dev/null", "sleep 3; cat"),
    piped(`run long --commands ${await longCommand()} --json 2>/dev/null`, "sleep 3; cat"),
    piped("status 2>/dev/null", "head -1"),
  ]);
  const [document = "", code] = slow.stdout.trim().split("\n");
  expect(document.length).toBeGreaterThan(65_536);
  expect(JSON.parse(document).migrations).toHaveLength(many);
  expect(code).toBe("code 0");
  const [line = ""] = summary.stdout.trim().split("\n");
  expect(JSON.parse(line)).toMatchObject({ event: "summary", exitCode: 0 });
  expect(JSON.parse(line).migrations).toHaveLength(many);
  expect(JSON.parse(plan.stdout.split("\n")[0] ?? "").result).toHaveLength(200_000);
  // Who has seen enough changes nothing.
  expect(gone.stdout.trim().split("\n")).toEqual([expect.stringContaining("pending"), "code 0"]);
  expect(gone.stderr).toBe("");

  // Nobody reads: it waits, and ends when it is told to.
  const script = `{ "$0" "$1" status --json & echo $! >&3; wait $!; echo "code $?" >&3; } 3>&2 2>/dev/null | exec sleep 60`;
  const unread = spawn("bash", ["-c", script, process.execPath, inject("program")], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void unread.kill("SIGKILL"));
  let said = "";
  unread.stderr.on("data", (chunk) => {
    said += chunk;
  });
  await until("its process id", async () => said.includes("\n"));
  const pid = Number(said.split("\n")[0]);
  const sessions = "SELECT FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator'";
  await until("its look", async () => (await query(sessions, [name])).length > 0);
  await until("its end, but for what it says", async () => (await query(sessions, [name])).length === 0);
  await new Promise((done) => setTimeout(done, 300));
  expect(said).not.toContain("code");
  process.kill(pid, "SIGTERM");
  await until("its end", async () => said.includes("code 143"), 8_000);
});

async function longCommand(): Promise<string> {
  const dir = await temporaryFolder();
  await writeFile(join(dir, "long.mjs"), "export default () => 'x'.repeat(200_000);");
  return dir;
}
