import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { fits } from "../src/on-path.ts";
import { currentPlatform, type ToolPin } from "../src/pins.ts";
import { resolvePin } from "../src/resolve.ts";
import { releaseHost } from "./release-host.ts";
import { executable, temporaryFolder } from "./temporary.ts";

const PROGRAM = "#!/bin/sh\necho tool v1.2.3 from release\n";
const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

/** A folder of its own with a tiny Go module named `tool`, an empty cache and an empty PATH. */
async function scene() {
  const folder = await temporaryFolder();
  const module = join(folder, "module");
  await mkdir(module);
  await writeFile(join(module, "go.mod"), "module example.test/tool\n\ngo 1.26\n");
  await writeFile(
    join(module, "main.go"),
    'package main\n\nvar version string\n\nfunc main() { println("tool", version) }\n',
  );
  await mkdir(join(folder, "bin"));
  const said: string[] = [];
  const options = {
    root: join(folder, "cache"),
    path: join(folder, "bin"),
    onProgress: (text: string) => void said.push(text),
  };
  return { folder, module, said, options };
}

function pinOf(
  url: string,
  module: string,
  asset: { sha256: string | null; file?: string; member?: string },
): ToolPin {
  return {
    version: "1.2.3",
    names: ["tool"],
    versionCommand: ["version"],
    fits: "patch",
    release: {
      url: `${url}/{version}/{file}`,
      checksums: `${url}/{version}/{file}.sha256`,
      platforms: { [currentPlatform()]: { file: "tool-bin", ...asset } },
    },
    go: { module, package: "example.test/tool", ldflags: ["-X main.version=v1.2.3"], tags: [] },
  };
}

test("release with the pinned SHA-256, then the cache", async () => {
  const { module, options } = await scene();
  const host = await releaseHost({ "1.2.3/tool-bin": PROGRAM });
  const pin = pinOf(host.url, module, { sha256: sha256(PROGRAM) });
  const tool = await resolvePin("tool", pin, options);
  expect(tool).toMatchObject({ name: "tool", version: "1.2.3", source: "release" });
  expect((await execa(tool.path)).stdout).toBe("tool v1.2.3 from release");
  expect(await resolvePin("tool", pin, options)).toEqual({ ...tool, source: "cache" });
  expect(host.asked).toEqual(["1.2.3/tool-bin"]);
});

test("PATH comes before the release when its version fits, and not when it does not", async () => {
  const { module, options, folder } = await scene();
  const host = await releaseHost({ "1.2.3/tool-bin": PROGRAM });
  const pin = pinOf(host.url, module, { sha256: sha256(PROGRAM) });
  const file = await executable(join(folder, "bin", "tool"), 'echo "tool v1.2.9"');
  expect(await resolvePin("tool", pin, options)).toEqual({
    name: "tool",
    version: "1.2.9",
    path: file,
    source: "path",
  });
  await executable(file, 'echo "tool v1.3.0"');
  expect(await resolvePin("tool", pin, options)).toMatchObject({ source: "release" });
});

test("the cache comes before PATH", async () => {
  const { module, options, folder } = await scene();
  const host = await releaseHost({ "1.2.3/tool-bin": PROGRAM });
  const pin = pinOf(host.url, module, { sha256: sha256(PROGRAM) });
  await resolvePin("tool", pin, options);
  await executable(join(folder, "bin", "tool"), 'echo "tool v1.2.3"');
  expect(await resolvePin("tool", pin, options)).toMatchObject({ source: "cache" });
});

test("a wrong SHA-256 is an error: nothing is kept and nothing else is tried", async () => {
  const { module, options, said } = await scene();
  const host = await releaseHost({ "1.2.3/tool-bin": `${PROGRAM}# changed\n` });
  const pin = pinOf(host.url, module, { sha256: sha256(PROGRAM) });
  await expect(resolvePin("tool", pin, options)).rejects.toMatchObject({
    name: "ChecksumError",
    message: expect.stringContaining("does not have the expected SHA-256"),
  });
  expect(await readdir(options.root)).toEqual([".locks"]);
  expect(said.join("\n")).not.toContain("building");
});

test("without a pin the vendor's checksum file decides, and that is said", async () => {
  const { module, options, said } = await scene();
  const sums = `${"0".repeat(64)}  other\n${sha256(PROGRAM)}  tool-bin\n`;
  const host = await releaseHost({ "1.2.3/tool-bin": PROGRAM, "1.2.3/tool-bin.sha256": sums });
  const tool = await resolvePin("tool", pinOf(host.url, module, { sha256: null }), options);
  expect(tool.source).toBe("release");
  expect(said.join("\n")).toContain("it is not pinned here");

  const wrong = await releaseHost({ "1.2.3/tool-bin": PROGRAM, "1.2.3/tool-bin.sha256": "0".repeat(64) });
  const failing = resolvePin("tool", pinOf(wrong.url, module, { sha256: null }), {
    ...options,
    root: `${options.root}2`,
  });
  await expect(failing).rejects.toMatchObject({ name: "ChecksumError" });
});

test("an archive gives its member", async () => {
  const { module, options, folder } = await scene();
  await executable(join(folder, "packed", "linux", "tool"), "echo packed v1.2.3");
  await execa("tar", ["-czf", join(folder, "t.tgz"), "-C", join(folder, "packed"), "linux"]);
  const archive = await readFile(join(folder, "t.tgz"));
  const host = await releaseHost({ "1.2.3/tool.tar.gz": archive });
  const pin = pinOf(host.url, module, { file: "tool.tar.gz", member: "linux/tool", sha256: sha256(archive) });
  const tool = await resolvePin("tool", pin, options);
  expect((await execa(tool.path)).stdout).toBe("packed v1.2.3");
});

test("a refused connection leads to the Go build, which carries the version", async () => {
  const { module, options, said } = await scene();
  const host = await releaseHost({});
  await host.stop();
  const tool = await resolvePin("tool", pinOf(host.url, module, { sha256: sha256(PROGRAM) }), options);
  expect(tool).toMatchObject({ version: "1.2.3", source: "go" });
  expect((await execa(tool.path)).stderr).toBe("tool v1.2.3");
  expect(said.join("\n")).toMatch(
    /127\.0\.0\.1:\d+ could not be reached, so tool 1\.2\.3 is built from source/,
  );
});

test("a host that does not answer costs a few seconds once, not once per tool", async () => {
  const { module, options } = await scene();
  const host = await releaseHost({ "1.2.3/tool-bin": "silence" });
  const start = Date.now();
  await resolvePin("tool", pinOf(host.url, module, { sha256: sha256(PROGRAM) }), options);
  expect(Date.now() - start).toBeGreaterThan(4_000);
  await resolvePin("other", pinOf(host.url, module, { sha256: sha256(PROGRAM) }), options);
  expect(host.asked).toEqual(["1.2.3/tool-bin"]);
});

test("what fits", () => {
  const patch = { version: "4.3.1", fits: "patch" } as const;
  const versions = ["4.3.1", "4.3.7", "4.3.0", "4.4.2", "3.22.0", "4.3.2-rc.1"];
  expect(versions.filter((version) => fits(patch, version))).toEqual(["4.3.1", "4.3.7"]);
  const minor = { version: "1.37.2", fits: "minor" } as const;
  const kubectls = ["1.35.9", "1.36.0", "1.37.0", "1.38.4", "1.39.0", "2.37.2"];
  expect(kubectls.filter((version) => fits(minor, version))).toEqual(["1.36.0", "1.37.0", "1.38.4"]);
});
