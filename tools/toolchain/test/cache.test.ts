import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cached, entryDir, hashFolder, hashOf } from "../src/cache.mjs";
import { temporaryFolder } from "./temporary.ts";

const script = fileURLToPath(new URL("./fixtures/build-entry.ts", import.meta.url));

function build(root: string, hold: number) {
  const child = spawn(process.execPath, [script, root, join(root, "log"), String(hold)]);
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const ended = once(child, "exit").then(([code]) => ({ code, output }));
  return {
    child,
    ended,
    until: async (text: string) => {
      while (!output.includes(text)) await once(child.stdout, "data");
    },
  };
}

const entries = async (root: string) => (await readdir(root)).filter((name) => !/^(log|\.locks)$/.test(name));

test("two processes that want the same entry build it once, and the second says that it waits", async () => {
  const root = await temporaryFolder();
  const first = build(root, 600);
  await first.until("half-way");
  const second = build(root, 600);
  const results = await Promise.all([first.ended, second.ended]);
  expect(results.map((result) => result.code)).toEqual([0, 0]);
  expect(await readFile(join(root, "log"), "utf8")).toBe("built\n");
  expect(results[1].output).toContain(`thing: waiting for process ${first.child.pid}, which is making it`);
  expect(await entries(root)).toEqual([expect.stringMatching(/^thing-[0-9a-f]{12}$/)]);
});

test("after a SIGKILL half-way the next process takes over at once and removes what was left", async () => {
  const root = await temporaryFolder();
  const killed = build(root, 60_000);
  await killed.until("half-way");
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(await entries(root)).toEqual([expect.stringMatching(/^\.tmp-/)]);

  const start = Date.now();
  const { code, output } = await build(root, 0).ended;
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).not.toContain("waiting");
  expect(Date.now() - start).toBeLessThan(5_000);
  const [entry = "", ...others] = await entries(root);
  expect(others).toEqual([]);
  expect(await readdir(join(root, entry))).toEqual(["half", "whole"]);
});

test("of many processes that find a dead lock, one builds", async () => {
  const root = await temporaryFolder();
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  await mkdir(join(root, ".locks"));
  await writeFile(join(root, ".locks", `thing-${hashOf({ a: 1 })}`), `${dead.pid} 1 x ${hostname()}`);
  const results = await Promise.all(Array.from({ length: 5 }, () => build(root, 300).ended));
  expect(results.map((result) => result.code)).toEqual([0, 0, 0, 0, 0]);
  expect(await readFile(join(root, "log"), "utf8")).toBe("built\n");
});

test("a build that fails leaves nothing behind, and the next one may succeed", async () => {
  const root = await temporaryFolder();
  const options = { name: "thing", inputs: 1, root };
  const failing = cached(options, async (dir) => {
    await writeFile(join(dir, "half"), "half");
    throw new Error("no luck");
  });
  await expect(failing).rejects.toThrow("no luck");
  expect(await entries(root)).toEqual([]);
  await cached(options, (dir) => writeFile(join(dir, "whole"), "whole"));
  expect(await readdir(entryDir(options))).toEqual(["whole"]);
});

test.runIf(process.platform === "linux")("a full disk is one sentence", async () => {
  const root = await temporaryFolder();
  const failing = cached({ name: "thing", inputs: 1, root }, () => writeFile("/dev/full", "x"));
  await expect(failing).rejects.toMatchObject({
    name: "ToolchainError",
    message: expect.stringMatching(/^The disk that holds .* is full: free some space there/),
    exitCode: 1,
  });
  expect(await entries(root)).toEqual([]);
});

test("a child process that ran out of space is recognised by its words", async () => {
  const root = await temporaryFolder();
  const failing = cached({ name: "thing", inputs: 1, root }, async () => {
    throw new Error("go install x failed:\n  write /x/y.a: no space left on device");
  });
  await expect(failing).rejects.toThrow(/is full/);
});

test("inputs decide, not the order of their keys; a module counts with every file of it", async () => {
  expect(hashOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(hashOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: 2 }));
  const module = await temporaryFolder();
  await writeFile(join(module, "go.mod"), "module x\n");
  const before = hashOf(await hashFolder(module));
  await writeFile(join(module, "main.go"), "package main\n");
  expect(hashOf(await hashFolder(module))).not.toBe(before);
});
