import { readdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import semver from "semver";
import { mayInstall } from "./apt.ts";
import { findBrowser } from "./browser.ts";
import { cacheRoot, lookUp } from "./cache.mjs";
import { diskFinding, gib } from "./disk-space.ts";
import { findEngine } from "./engine.ts";
import { goVersion, MINIMUM_GO } from "./go-build.ts";
import { runsTypeScript } from "./node.mjs";
import { findOnPath } from "./on-path.ts";
import { currentPlatform, type Platform, readPins, type ToolPin } from "./pins.ts";
import { entryOf } from "./resolve.ts";

export interface Finding {
  what: string;
  /** `missing` is what set-up needs and cannot provide by itself; `optional` is absent, too, but may well stay so. */
  state: "ready" | "will be installed" | "optional" | "missing";
  detail: string;
}

export interface DoctorOptions {
  /** Ports of 127.0.0.1 that set-up needs. */
  ports?: number[];
  /** Those of them that a cluster of ours holds if they are in use. */
  ownPorts?: number[];
  root?: string;
}

/**
 * What is there and what set-up will do about the rest. Asks no network and installs none of it. Two things lie
 * outside: what starts it, bootstrap.mjs, has installed Node and the npm packages by then, and asking podman may need
 * its settings written to the cache folder and an empty /lib/modules.
 */
export async function doctor(options: DoctorOptions = {}): Promise<Finding[]> {
  const root = options.root ?? cacheRoot();
  const go = await goFinding();
  const pins = Object.entries(readPins().tools);
  const tools = await Promise.all(
    pins.map(([name, pin]) => toolFinding(name, pin, root, go.state === "ready")),
  );
  const toolsReady = tools.every(({ state }) => state === "ready" || state === "optional");
  return [
    nodeFinding(),
    go,
    await engineFinding(),
    ...tools,
    await browserFinding(),
    await diskFinding(root, toolsReady),
    ...(await Promise.all(
      (options.ports ?? []).map((port) => portFinding(port, options.ownPorts?.includes(port) ?? false)),
    )),
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
  const detail = `${version ?? "not on PATH"}; ${MINIMUM_GO} or newer is needed only for what cannot be downloaded`;
  return { what: "go", state: "optional", detail };
}

async function engineFinding(): Promise<Finding> {
  const engine = await findEngine();
  if (engine) return { what: "container engine", state: "ready", detail: `${engine.kind} at ${engine.path}` };
  return (await mayInstall())
    ? { what: "container engine", state: "will be installed", detail: "podman, from this system's packages" }
    : { what: "container engine", state: "missing", detail: "install Docker or podman and start it" };
}

async function browserFinding(): Promise<Finding> {
  const browser = await findBrowser();
  if (browser) return { what: "browser", state: "ready", detail: browser };
  return (await mayInstall())
    ? {
        what: "browser",
        state: "will be installed",
        detail: "Chromium, from this system's packages, by the tests",
      }
    : { what: "browser", state: "optional", detail: "the tests of pages need Chromium or Google Chrome" };
}

async function toolFinding(name: string, pin: ToolPin, root: string, go: boolean): Promise<Finding> {
  const what = `${name} ${pin.version}`;
  const entry = await lookUp(await entryOf(name, pin, { root }));
  if (entry) return { what, state: "ready", detail: `in the cache, ${entry}` };
  const found = await findOnPath(pin);
  if (found) return { what, state: "ready", detail: `${found.version} at ${found.path}` };
  const asset = pin.release?.platforms[currentPlatform() as Platform];
  const build = go ? "built from source" : undefined;
  if (asset === undefined) {
    if (build) return { what, state: "will be installed", detail: build };
    return pin.release
      ? { what, state: "missing", detail: `no release for ${currentPlatform()}; needs Go to be built` }
      : { what, state: "optional", detail: "built from source only, which needs Go" };
  }
  const check =
    asset.sha256 === null ? "checked against the vendor's checksum file" : "checked against its pin";
  const fallback = build ? `, or ${build} where that cannot be reached` : "";
  return { what, state: "will be installed", detail: `official release, ${check}${fallback}` };
}

async function portFinding(port: number, own: boolean): Promise<Finding> {
  const server = createServer();
  const free = await new Promise<boolean>((done) => {
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
  const detail = free ? "free on 127.0.0.1" : `in use on 127.0.0.1${own ? ", by our own cluster" : ""}`;
  return { what: `port ${port}`, state: free || own ? "ready" : "missing", detail };
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
