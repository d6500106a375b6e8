import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { findBrowser, resolveBrowser } from "../src/browser.ts";
import { executable, temporaryFolder } from "./temporary.ts";

const names = ["chromium", "google-chrome"];
afterEach(() => void vi.unstubAllEnvs());

/** A PATH with these programs, a shell and nothing else. */
async function machine(programs: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  await executable(join(folder, "sh"), 'exec /bin/sh "$@"');
  for (const [name, body] of Object.entries(programs)) await executable(join(folder, name), body);
  vi.stubEnv("PATH", folder);
  vi.stubEnv("CHROME_PATH", "");
  return folder;
}

test("a browser on PATH is used when it runs; a stand-in that only asks for snap is none", async () => {
  const folder = await machine({
    chromium: "echo Chromium 156 needs its snap. 1.; exit 1",
    "google-chrome": "echo Google Chrome 156.0.8078.79",
  });
  expect(await findBrowser(names)).toBe(join(folder, "google-chrome"));
});

test("the browser that CHROME_PATH names comes first", async () => {
  const folder = await machine({ chromium: "echo Chromium 156.0.8078.79", mine: "echo Chromium 150.0.1.2" });
  vi.stubEnv("CHROME_PATH", join(folder, "mine"));
  expect(await findBrowser(names)).toBe(join(folder, "mine"));
});

test("a CHROME_PATH that is no browser is told, and nothing else is taken or installed", async () => {
  const folder = await machine({ chromium: "echo Chromium 156.0.8078.79", mine: "echo Firefox 150.0" });
  vi.stubEnv("CHROME_PATH", join(folder, "mine"));
  await expect(resolveBrowser({ candidates: names })).rejects.toThrow(
    `CHROME_PATH names ${join(folder, "mine")}`,
  );
});

test("without a browser, and not allowed to install one, a sentence says what to do", async () => {
  await machine({});
  await expect(resolveBrowser({ install: false, candidates: names })).rejects.toThrow(
    "install Chromium or Google Chrome, or name it in CHROME_PATH",
  );
});

test("where that is allowed it is installed from the system's packages", async () => {
  const folder = await machine({});
  vi.stubEnv("XDG_CACHE_HOME", folder);
  const said: string[] = [];
  // Stands in for the real one, which a test must not call.
  await executable(
    join(folder, "apt-get"),
    `echo "$@" >>${join(folder, "asked")}
case "$*" in *install*chromium*) printf '#!/bin/sh\\necho Chromium 156.0.1\\n' >${join(folder, "chromium")}; /bin/chmod +x ${join(folder, "chromium")};; esac`,
  );
  expect(
    await resolveBrowser({ install: true, candidates: names, onProgress: (text) => said.push(text) }),
  ).toBe(join(folder, "chromium"));
  expect(said).toEqual(["installing Chromium: apt-get update", "installing Chromium: apt-get install"]);
});
