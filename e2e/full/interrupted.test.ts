import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { artifacts, root } from "@schema-rollout/scripts/lib/paths.ts";
import { sh } from "@schema-rollout/scripts/lib/shell.ts";
import { beforeAll, expect, test } from "vitest";
import { theStage } from "../scenario/stage.ts";

beforeAll(() => theStage());

test("Ctrl-C in the middle of the demo ends the load it started, and leaves no verdict", async () => {
  const demo = spawn(process.execPath, ["scripts/demo.ts"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.on("data", (text) => {
      said += text;
    });
  }
  const closed = once(demo, "close");
  const underLoad = new Promise<void>((done) => {
    demo.stdout.on("data", () => said.includes("requests arrive") && done());
  });
  await Promise.race([underLoad, closed]);
  expect(await loadProcesses()).toHaveLength(2);
  demo.kill("SIGINT");

  const [code] = await closed;
  expect(said).toMatch(/cleaning up what was started/);
  expect(code).toBe(130);
  expect(await loadProcesses()).toEqual([]);
  await expect(readFile(join(artifacts, "demo/summary.json"))).rejects.toThrow(/ENOENT/);
});

/** k6 processes whose raw output goes to this checkout's demo folder. */
async function loadProcesses(): Promise<string[]> {
  const { stdout } = await sh`ps -eo command=`;
  return stdout.split("\n").filter((command) => command.includes(join(artifacts, "demo/load")));
}
