import { readdir, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import semver from "semver";
import { cacheRoot, lookUp } from "./cache.mjs";
import { findEngine, mayInstall } from "./engine.ts";
import { goVersion, MINIMUM_GO } from "./go-build.ts";
import { runsTypeScript } from "./node.mjs";
import { findOnPath } from "./on-path.ts";
import { currentPlatform, type Platform, readPins, type ToolPin } from "./pins.ts";
import { entryOf } from "./resolve.ts";

export interface Finding {
  what: string;
  /** `missing` is what set-up cannot provide by itself. */
  state: "ready" | "will be installed" | "missing";
  detail: string;
}

/** A first run puts tools, images and a node image here. */
const NEEDED_GIB = 15;

/** What is there and what set-up will do about the rest. Looks only: installs nothing and asks no network. */
export async function doctor(options: { ports?: number[]; root?: string } = {}): Promise<Finding[]> {
  const root = options.root ?? cacheRoot();
  const go = await goFinding();
  const tools = Object.entries(readPins().tools);
  return [
    nodeFinding(),
    go,
    await engineFinding(),
    ...(await Promise.all(tools.map(([name, pin]) => toolFinding(name, pin, root, go.state === "ready")))),
    await diskFinding(root),
    ...(await Promise.all((options.ports ?? []).map(portFinding))),
    { what: "cache", state: "ready", detail: `${gib(await sizeOf(root))} GiB in ${root}` },
  ];
}

function nodeFinding(): Finding {
  const version = process.versions.node;
  const state = runsTypeScript(version) ? "ready" : "missing";
  return { what: "node", state, detail: `${version} at ${process.execPath}` };
}

async function goFinding(): Promise<Finding> {
  const version = await goVersion();
  if (version !== undefined && semver.gte(version, MINIMUM_GO))
    return { what: "go", state: "ready", detail: version };
  const detail = `${version ?? "not on PATH"}; ${MINIMUM_GO} or newer is needed only where releases cannot be downloaded`;
  return { what: "go", state: "missing", detail };
}

async function engineFinding(): Promise<Finding> {
  const engine = await findEngine();
  if (engine) return { what: "container engine", state: "ready", detail: `${engine.kind} at ${engine.path}` };
  return (await mayInstall())
    ? { what: "container engine", state: "will be installed", detail: "podman, from this system's packages" }
    : { what: "container engine", state: "missing", detail: "install Docker or podman and start it" };
}

async function toolFinding(name: string, pin: ToolPin, root: string, go: boolean): Promise<Finding> {
  const what = `${name} ${pin.version}`;
  const entry = await lookUp(await entryOf(name, pin, { root }));
  if (entry) return { what, state: "ready", detail: `in the cache, ${entry}` };
  const found = await findOnPath(pin);
  if (found) return { what, state: "ready", detail: `${found.version} at ${found.path}` };
  const asset = pin.release?.platforms[currentPlatform() as Platform];
  const build = go ? "built from source" : undefined;
  if (asset === undefined)
    return { what, state: go ? "will be installed" : "missing", detail: build ?? "needs Go to be built" };
  const check =
    asset.sha256 === null ? "checked against the vendor's checksum file" : "checked against its pin";
  const fallback = build ? `, or ${build} where that cannot be reached` : "";
  return { what, state: "will be installed", detail: `official release, ${check}${fallback}` };
}

async function diskFinding(root: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearest(root));
  const free = bavail * bsize;
  const state = free >= NEEDED_GIB * 2 ** 30 ? "ready" : "missing";
  return {
    what: "disk space",
    state,
    detail: `${gib(free)} GiB free, a first run may use ${NEEDED_GIB} GiB`,
  };
}

async function portFinding(port: number): Promise<Finding> {
  const server = createServer();
  const free = await new Promise<boolean>((done) => {
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
  const detail = free ? "free on 127.0.0.1" : "in use on 127.0.0.1";
  return { what: `port ${port}`, state: free ? "ready" : "missing", detail };
}

/** The folder itself, or the closest one above it that exists. */
async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).catch(() => undefined);
  return there ? folder : nearest(join(folder, ".."));
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // Another run may remove a temporary file while we count.
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (s) => s.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
