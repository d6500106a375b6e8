import { execa } from "execa";
import { installPackages, mayInstall } from "./apt.ts";
import { ToolchainError } from "./failure.mjs";

/** The fonts are for pages to look like on a desk: a server often has none, or one. */
const PACKAGES = ["chromium", "fonts-liberation"];

const CANDIDATES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

export interface BrowserOptions {
  onProgress?: (text: string) => void;
  /** Whether one may be installed; found out where this says nothing. */
  install?: boolean;
  /** What to try, in this order: paths, or names on PATH. */
  candidates?: string[];
}

/**
 * A browser of the Chromium family, for tests that look at pages: the one CHROME_PATH names, else one that is
 * installed, else Chromium freshly installed where we are root on Debian or Ubuntu. Gives its path.
 */
export async function resolveBrowser(options: BrowserOptions = {}): Promise<string> {
  const present = await findBrowser(options.candidates);
  if (present) return present;
  if (process.env.CHROME_PATH)
    throw new ToolchainError(
      `CHROME_PATH names ${process.env.CHROME_PATH}, which is no Chromium or Chrome that runs.`,
    );
  if (!(options.install ?? (await mayInstall())))
    throw new ToolchainError(
      "A browser is needed: install Chromium or Google Chrome, or name it in CHROME_PATH.",
    );
  await installPackages("Chromium", PACKAGES, options.onProgress);
  const installed = await findBrowser(options.candidates);
  if (installed) return installed;
  throw new ToolchainError(
    "Chromium was installed but does not run; Ubuntu's package needs snap. Install Google Chrome, or name a browser in CHROME_PATH.",
  );
}

/** The browser that runs now; undefined without one. Installs nothing. */
export async function findBrowser(candidates = CANDIDATES): Promise<string | undefined> {
  const named = process.env.CHROME_PATH;
  for (const candidate of named ? [named] : candidates) {
    const path = await running(candidate);
    if (path) return path;
  }
  return undefined;
}

/** Its path when it says that it is what we look for: Ubuntu has a script of that name that only asks for snap. */
async function running(candidate: string): Promise<string | undefined> {
  const found = await execa("sh", ["-c", 'command -v "$0"', candidate], { reject: false, stdin: "ignore" });
  const path = found.stdout.trim();
  if (!path) return undefined;
  const { exitCode, stdout } = await execa(path, ["--version"], {
    reject: false,
    timeout: 15_000,
    stdin: "ignore",
  });
  return exitCode === 0 && /\b(Chromium|Chrome)\b.* \d+\./.test(stdout ?? "") ? path : undefined;
}

/** For a browser without a screen that talks to nobody of its own accord. Chromium's sandbox does not work as root. */
export const browserArguments = (): string[] => [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
