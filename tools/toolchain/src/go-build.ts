import { readdir } from "node:fs/promises";
import { execa } from "execa";
import semver from "semver";
import { ToolchainError } from "./failure.mjs";

export const MINIMUM_GO = "1.26.0";

export interface GoBuild {
  /** Import paths. With `version` they are installed from the module proxy, with `module` built in that folder. */
  packages: string[];
  version?: string;
  /** A folder with go.mod and go.sum; versions of everything come from there. */
  module?: string;
  /** Where the executables go, named by Go's own rule (last element of the import path). */
  into: string;
  ldflags?: string[];
  tags?: string[];
  env?: Record<string, string>;
  onProgress?: (text: string) => void;
}

let queue: Promise<unknown> = Promise.resolve();

/**
 * Builds Go commands into a folder: no cgo, no paths of this machine, no debug tables. Builds of one process run
 * one after the other, since each takes all cores and several GiB of memory.
 */
export function goBuild(build: GoBuild): Promise<void> {
  const result = queue.then(() => run(build));
  queue = result.catch(() => undefined);
  return result;
}

async function run(build: GoBuild): Promise<void> {
  await requireGo();
  const target = build.version ? build.packages.map((name) => `${name}@${build.version}`) : build.packages;
  const flags = [
    "-v",
    "-trimpath",
    "-ldflags",
    ["-s -w", ...(build.ldflags ?? [])].join(" "),
    ...(build.tags?.length ? ["-tags", build.tags.join(",")] : []),
  ];
  const args = build.version
    ? ["install", ...flags, ...target]
    : ["build", ...flags, "-o", `${build.into}/`, ...target];
  const before = new Set(await readdir(build.into));
  const child = execa("go", args, {
    ...(build.module === undefined ? {} : { cwd: build.module }),
    env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOWORK: "off", GOBIN: build.into, ...build.env },
    stdin: "ignore",
    stdout: "ignore",
    reject: false,
    buffer: false,
  });
  const faults = await follow(child.iterable({ from: "stderr" }), build);
  const { exitCode, signal, code } = await child;
  if (exitCode === 0) return requireNew(build, before);
  const reason = signal ? `was ended by ${signal}` : (code ?? `failed with exit code ${exitCode}`);
  const lines = faults.slice(-12).map((line) => `  ${line}`);
  throw new ToolchainError([`go ${args[0]} ${target.join(" ")} ${reason}.`, ...lines].join("\n"));
}

/** Reports progress, and keeps the lines that are no progress: those tell what went wrong. */
async function follow(lines: AsyncIterable<unknown>, build: GoBuild): Promise<string[]> {
  const faults: string[] = [];
  let compiled = 0;
  let told = 0;
  for await (const line of lines) {
    const text = String(line).trim();
    if (text === "" || text.startsWith("# ")) continue;
    const downloading = text.startsWith("go: downloading ");
    if (!downloading && text.includes(" ")) {
      faults.push(text);
      continue;
    }
    if (!downloading) compiled += 1;
    if (Date.now() - told < 1_000) continue;
    told = Date.now();
    build.onProgress?.(downloading ? text.slice(4) : `compiling, ${compiled} packages so far`);
  }
  return faults;
}

async function requireNew(build: GoBuild, before: Set<string>): Promise<void> {
  const made = (await readdir(build.into)).filter((name) => !before.has(name));
  if (made.length === build.packages.length) return;
  throw new ToolchainError(
    `Go built ${made.length} of ${build.packages.length} commands of ${build.packages.join(", ")}.`,
  );
}

async function requireGo(): Promise<void> {
  const version = await goVersion();
  if (version === undefined)
    throw new ToolchainError(
      `Go ${MINIMUM_GO} or newer is needed to build this here, but there is no go on PATH: install it from https://go.dev/dl/.`,
    );
  if (semver.lt(version, MINIMUM_GO))
    throw new ToolchainError(
      `Go ${MINIMUM_GO} or newer is needed to build this here, but go on PATH is ${version}: update it from https://go.dev/dl/.`,
    );
}

/** Version of `go` on PATH, such as "1.26.8"; undefined without one. */
export async function goVersion(): Promise<string | undefined> {
  const { stdout } = await execa("go", ["env", "GOVERSION"], { reject: false });
  return semver.coerce(stdout)?.version;
}
