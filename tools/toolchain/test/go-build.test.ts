import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { goBuild } from "../src/go-build.ts";
import { executable, temporaryFolder } from "./temporary.ts";

const PATH = process.env.PATH;
afterEach(() => {
  process.env.PATH = PATH;
});

async function module(main: string) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "go.mod"), "module example.test/broken\n\ngo 1.26\n");
  await writeFile(join(folder, "main.go"), main);
  await mkdir(join(folder, "bin"));
  return { packages: ["."], module: folder, into: join(folder, "bin") };
}

test("an error ends with what the compiler said", async () => {
  const build = await module("package main\n\nfunc main() { undefinedThing() }\n");
  await expect(goBuild(build)).rejects.toMatchObject({
    name: "ToolchainError",
    message: expect.stringMatching(
      /^go build \. failed with exit code 1\.\n {2}.*undefined: undefinedThing$/,
    ),
  });
});

test("a build that fails does not hold up the next one", async () => {
  const bad = goBuild(await module("package main\n\nnonsense\n"));
  const good = goBuild(await module("package main\n\nfunc main() {}\n"));
  await expect(bad).rejects.toThrow(/go build/);
  await good;
});

test("without Go one sentence says so", async () => {
  const build = await module("package main\n\nfunc main() {}\n");
  process.env.PATH = build.into;
  await expect(goBuild(build)).rejects.toThrow(
    /^Go 1\.26\.0 or newer is needed .* there is no go on PATH: install it/,
  );
});

test("an old Go is named", async () => {
  const build = await module("package main\n\nfunc main() {}\n");
  await executable(join(build.into, "go"), "echo go1.22.3");
  process.env.PATH = `${build.into}:/usr/bin:/bin`;
  await expect(goBuild(build)).rejects.toThrow(/go on PATH is 1\.22\.3: update it/);
});
