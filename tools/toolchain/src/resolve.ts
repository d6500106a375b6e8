import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { cached, hashFolder, lookUp } from "./cache.mjs";
import { download, NotAvailable, publishedChecksum, verify } from "./download.mjs";
import { ToolchainError } from "./failure.mjs";
import { goBuild } from "./go-build.ts";
import { findOnPath } from "./on-path.ts";
import { currentPlatform, fill, type Platform, type ToolPin } from "./pins.ts";

export type OnProgress = (text: string) => void;

export interface Tool {
  name: string;
  /** Without a leading "v". */
  version: string;
  path: string;
  source: "cache" | "path" | "release" | "go";
}

export interface ResolveOptions {
  onProgress?: OnProgress;
  /** Cache folder; default `cacheRoot()`. */
  root?: string;
  /** Default: the PATH of this process. */
  path?: string;
}

const workspace = fileURLToPath(new URL("..", import.meta.url));

/** Cache → PATH when the version fits → official release by its SHA-256 → built from Go modules. */
export async function resolvePin(name: string, pin: ToolPin, options: ResolveOptions = {}): Promise<Tool> {
  const entry = await entryOf(name, pin, options);
  const executable = (dir: string) => join(dir, "bin", commandOf(pin));
  const known = await lookUp(entry);
  if (known) return { name, version: pin.version, path: executable(known), source: "cache" };
  const found = await findOnPath(pin, options.path);
  if (found) return { name, ...found, source: "path" };

  let source: Tool["source"] = "cache";
  const dir = await cached(entry, async (dir) => {
    const bin = join(dir, "bin");
    await mkdir(bin);
    source = (await fromRelease(name, pin, bin, options)) ? "release" : "go";
    if (source === "go") await fromGo(name, pin, bin, options);
    await writeFile(join(dir, "source.json"), JSON.stringify({ name, version: pin.version, source }));
  });
  return { name, version: pin.version, path: executable(dir), source };
}

/** What the cache knows a tool by: the pin, this platform, and the files of the module it may be built from. */
export async function entryOf(name: string, pin: ToolPin, options: ResolveOptions = {}) {
  const platform = currentPlatform();
  const { release, ...rest } = pin;
  const module = pin.go.module === undefined ? null : await hashFolder(resolve(workspace, pin.go.module));
  return {
    name,
    inputs: { platform, ...rest, asset: release?.platforms[platform as Platform] ?? null, module },
    ...(options.root === undefined ? {} : { root: options.root }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
}

/** False when the release cannot be had; a wrong checksum throws. */
async function fromRelease(name: string, pin: ToolPin, bin: string, { onProgress }: ResolveOptions) {
  const release = pin.release;
  const asset = release?.platforms[currentPlatform() as Platform];
  if (release === undefined || asset === undefined) return false;
  const names = { version: pin.version, file: asset.file };
  const url = fill(release.url, names);
  const archive = join(bin, "download");
  try {
    onProgress?.(`downloading ${name} ${pin.version}`);
    const expected =
      asset.sha256 ?? (await publishedChecksum(fill(release.checksums, names), basename(asset.file)));
    const actual = await download(url, archive, {
      onBytes: percent(`downloading ${name} ${pin.version}`, onProgress),
    });
    verify(url, expected, actual);
    if (asset.sha256 === null)
      onProgress?.(
        `${name} ${pin.version}: checked against the vendor's own checksum file, it is not pinned here`,
      );
  } catch (error) {
    await rm(archive, { force: true });
    if (!(error instanceof NotAvailable)) throw error;
    onProgress?.(`${error.message}, so ${name} ${pin.version} is built from source`);
    return false;
  }
  const executable = join(bin, commandOf(pin));
  if (asset.member === undefined) await rename(archive, executable);
  else await unpack(archive, asset.member, bin, executable);
  await chmod(executable, 0o755);
  return true;
}

async function unpack(archive: string, member: string, bin: string, executable: string): Promise<void> {
  const folder = join(bin, "unpacked");
  await mkdir(folder);
  // bsdtar, which is macOS's tar, also reads the zip files that are published for macOS.
  const { exitCode, stderr } = await execa("tar", ["-xf", archive, "-C", folder], { reject: false });
  if (exitCode !== 0) throw new ToolchainError(`${basename(executable)} could not be unpacked: ${stderr}`);
  await rename(join(folder, member), executable);
  await rm(folder, { recursive: true });
  await rm(archive);
}

async function fromGo(
  name: string,
  pin: ToolPin,
  bin: string,
  { onProgress }: ResolveOptions,
): Promise<void> {
  const { module, version, package: path, ldflags, tags } = pin.go;
  await goBuild({
    packages: [path],
    ...(version === undefined ? {} : { version }),
    ...(module === undefined ? {} : { module: resolve(workspace, module) }),
    into: bin,
    ldflags,
    tags,
    onProgress: (text) => onProgress?.(`building ${name} ${pin.version}: ${text}`),
  });
}

/** Its name as an executable: what Go calls it, which is the last of its names on PATH. */
function commandOf(pin: ToolPin): string {
  const { package: path, module } = pin.go;
  return basename(path === "." ? (module ?? "") : path);
}

function percent(what: string, onProgress: OnProgress | undefined) {
  let told = 0;
  return (received: number, total: number | undefined) => {
    if (onProgress === undefined || total === undefined || Date.now() - told < 500) return;
    told = Date.now();
    onProgress(`${what}: ${Math.round((100 * received) / total)} % of ${Math.round(total / 1e6)} MB`);
  };
}
