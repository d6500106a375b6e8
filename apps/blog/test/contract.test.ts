import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createDatabase } from "./setup/database.ts";
import { blogFolder, spawnBlog, startBlogProcess, waitFor } from "./setup/process.ts";

/** The migrator's own CLI on a folder with one contract step that no release of today can live with. */
async function startMigrator(url: string, ...args: string[]) {
  const dir = await mkdtemp(join(tmpdir(), "blog-contract-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const migration = (name: string, phase: string) =>
    writeFile(
      join(dir, `${name}.mjs`),
      `export class ${name} { phase = "${phase}"; async up(runner) { await runner.query("SELECT 1"); } async down() {} }`,
    );
  await migration("Begin1700000000000", "expand");
  await migration("Leave1799999999999", "contract");
  const program = join(blogFolder, "../../node_modules/.bin/migrator");
  const child = spawn(process.execPath, [program, "up", "--migrations", dir, ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: url },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  return { log: () => log, exited: once(child, "exit").then(([code]) => code as number | null) };
}

it("a running blog keeps the contract waiting; once it is gone the contract runs, and it cannot come back", async () => {
  const url = await createDatabase();
  const blog = await startBlogProcess(url);
  expect(await (await startMigrator(url)).exited).toBe(0);
  const contract = await startMigrator(url, "--phase", "contract", "--wait", "60s");
  await waitFor(() => /the gate of Leave1799999999999 is closed by blog@\d{13}/.exec(contract.log())?.[0]);
  expect(await blog.stop()).toBe(0);
  expect(await contract.exited).toBe(0);

  const again = spawnBlog(url);
  expect(await again.exited).toBe(24);
  expect(again.output()).toMatch("contract Leave1799999999999, final): deploy a newer release.");
});
