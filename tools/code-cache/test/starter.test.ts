import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bundleProgram } from "../src/index.ts";

let folder = "";
let program = "";
let cache = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "code-cache-"));
  program = join(folder, "program.mjs");
  cache = join(folder, "program.cache");
  await writeFile(join(folder, "plugin.mjs"), "export default 'loaded';");
  await writeFile(
    join(folder, "source.ts"),
    `const plugin = await_(import(process.argv[2]!));
     async function await_(module: Promise<{ default: string }>) { return (await module).default; }
     const later = () => ({ here: import.meta.url, arguments: process.argv.slice(3) });
     plugin.then((plugin) => {
       console.log(JSON.stringify({ plugin, ...later() }));
       process.emitWarning("one of its own");
       setTimeout(() => process.exit(7), 10);
     });`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => bundleProgram(program, { entryPoints: [join(folder, "source.ts")], logLevel: "error" }));

const run = (mode?: "write" | "require") => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, pathToFileURL(join(folder, "plugin.mjs")).href, "one"],
    { env: { ...(mode && { CODE_CACHE: mode }) }, encoding: "utf8" },
  );
  // Node's prefix names the process.
  return { status, stdout, stderr: stderr.replace(/^\(node:\d+\) /gm, "") };
};
const asEver = () => ({
  status: 7,
  stdout: `${JSON.stringify({
    plugin: "loaded",
    here: pathToFileURL(join(folder, "program.cjs")).href,
    arguments: ["one"],
  })}\n`,
  // And no word of what it is started with.
  stderr:
    "Warning: one of its own\n(Use `node --trace-warnings ...` to show where the warning was created)\n",
});

test("a program runs with its arguments, knows where it is, imports modules and has its own exit code", () => {
  expect(run()).toEqual(asEver());
});

test("what a run compiled is written down, and the next start is from that", async () => {
  expect(run("require")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringContaining("is not there"),
  });
  expect(run("write")).toEqual({ ...asEver(), status: 0 });
  expect((await readFile(cache)).length).toBeGreaterThan(500);
  expect(run("require")).toEqual(asEver());
  expect(run()).toEqual(asEver());
});

test("a cache that does not fit is no reason not to run", async () => {
  run("write");
  const { length } = await readFile(cache);
  await truncate(cache, length - 100);
  expect(run()).toEqual(asEver());
  expect(run("require")).toMatchObject({ status: 1, stderr: expect.stringContaining("of another program") });
  await writeFile(cache, "something else");
  expect(run()).toEqual(asEver());
});

test("what is wrong in the program stays an error, as in a module", async () => {
  const wrong = join(folder, "wrong.ts");
  await writeFile(wrong, "Object.freeze(process.argv); process.argv.length = 0;");
  await bundleProgram(program, { entryPoints: [wrong], logLevel: "error" });
  expect(run()).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Cannot assign to read only property"),
  });
});

test("a program that is bundled anew has no cache of the one before", () => {
  run("write");
  expect(run("require").status).toBe(7);
  return bundleProgram(program, { entryPoints: [join(folder, "source.ts")], logLevel: "error" }).then(() =>
    expect(run("require").stderr).toContain("is not there"),
  );
});
