import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import semver from "semver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runsTypeScript } from "../src/node.mjs";

const workspace = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
let repository: string;

/** The oldest Node of this machine, and a PATH on which no newer one is found. */
const nodes = execFileSync("which", ["-a", "node"], { encoding: "utf8" })
  .trim()
  .split("\n")
  .map((path) => ({ path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim() }))
  .sort((a, b) => semver.compare(a.version, b.version));
const oldest = nodes[0]?.path ?? process.execPath;
const PATH = [dirname(oldest), "/usr/bin", "/bin"].join(delimiter);

function bootstrap(...args: string[]) {
  const env = { PATH, HOME: process.env.HOME ?? "", XDG_CACHE_HOME: join(folder, "cache") };
  return execa(oldest, ["tools/toolchain/bootstrap.mjs", ...args], {
    cwd: repository,
    env,
    extendEnv: false,
    reject: false,
  });
}

/** A repository whose only package is a workspace with one command, so that npm needs no registry for it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bootstrap-test-"));
  repository = join(folder, "repository");
  for (const name of ["bootstrap.mjs", "src", "pins.json"])
    await cp(join(workspace, name), join(repository, "tools/toolchain", name), { recursive: true });
  const files = {
    "package.json": '{ "name": "repository", "private": true, "workspaces": ["tools/hello"] }',
    "tools/hello/package.json":
      '{ "name": "hello", "version": "1.0.0", "bin": "hello.ts", "type": "module" }',
    "tools/hello/hello.ts":
      "#!/usr/bin/env node\nconst text: string = process.version;\nconsole.log(text);\n",
    "print.ts":
      "const args: string[] = process.argv.slice(2);\nconsole.log(JSON.stringify({ args, node: process.version }));\nprocess.exitCode = 7;\n",
    "wait.ts": 'console.log("waiting" as string);\nsetInterval(() => {}, 1000);\n',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(repository, name)), { recursive: true });
    await writeFile(join(repository, name), content);
  }
  await execa("npm", ["install", "--package-lock-only"], { cwd: repository });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("two first runs at once: one installs, both run the script on a Node that takes TypeScript", async () => {
  const runs = await Promise.all([
    bootstrap("--", "print.ts", "--a", "b c"),
    bootstrap("print.ts", "--a", "b c"),
  ]);
  for (const { exitCode, stdout, stderr } of runs) {
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 7 });
    const printed = JSON.parse(stdout);
    expect(printed.args).toEqual(["--a", "b c"]);
    expect(runsTypeScript(printed.node)).toBe(true);
  }
  const installs = runs.filter(({ stderr }) => stderr.includes("Installing npm packages … done"));
  expect(installs.length).toBeGreaterThanOrEqual(1);
  expect(runs.filter(({ stderr }) => /^Installing npm packages …$/m.test(stderr))).toHaveLength(1);
});

test("commands of packages run on that Node too, by npx", async () => {
  const env = { PATH, HOME: process.env.HOME ?? "" };
  const { stdout } = await execa("npx", ["hello"], { cwd: repository, env, extendEnv: false });
  expect(runsTypeScript(stdout)).toBe(true);
  const link = await readlink(join(repository, "node_modules/.bin/node"));
  expect((await stat(link)).isFile()).toBe(true);
});

test("a second run installs nothing; a changed lock file makes it install again", async () => {
  const second = await bootstrap();
  expect(second).toMatchObject({ exitCode: 0, stderr: "", stdout: "" });
  const lock = join(repository, "package-lock.json");
  await writeFile(lock, `${await readFile(lock, "utf8")}\n`);
  const third = await bootstrap();
  expect(third.stderr).toMatch(/^Installing npm packages …$/m);
  expect((await bootstrap()).stderr).toBe("");
});

test("an installation that was interrupted is done again", async () => {
  await rm(join(repository, "node_modules/.schema-rollout-stamp"));
  expect((await bootstrap()).stderr).toMatch(/^Installing npm packages …$/m);
});

test("a signal reaches the script and becomes the exit code", async () => {
  const run = bootstrap("wait.ts");
  for await (const line of run.iterable()) if (line === "waiting") run.kill("SIGTERM");
  expect((await run).exitCode).toBe(143);
});

test("a package file that cannot be read, and a broken lock file, are said in one sentence", async () => {
  const lock = join(repository, "package-lock.json");
  const content = await readFile(lock, "utf8");
  await rm(lock);
  const missing = await bootstrap();
  expect(missing).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/package-lock\.json cannot be read/),
  });
  await writeFile(lock, "{ nonsense");
  const broken = await bootstrap();
  expect(broken).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/npm ci failed:\n/) });
  await writeFile(lock, content);
  expect((await bootstrap()).exitCode).toBe(0);
});

test("no temporary files are left", async () => {
  await sleep(50);
  const names = await readdir(join(folder, "cache/schema-rollout"));
  expect(names.filter((name) => name.startsWith(".tmp"))).toEqual([]);
  expect(await readdir(join(folder, "cache/schema-rollout/.locks"))).toEqual([]);
});
