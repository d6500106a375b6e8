import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import semver from "semver";
import type { ToolPin } from "./pins.ts";

export interface Found {
  path: string;
  version: string;
}

/**
 * The first executable on PATH whose version fits. Fitting is: the same minor and at least the pinned patch;
 * for kubectl one minor older or newer, which Kubernetes supports.
 */
export async function findOnPath(pin: ToolPin, path = process.env.PATH ?? ""): Promise<Found | undefined> {
  for (const name of pin.names) {
    for (const folder of path.split(delimiter).filter(Boolean)) {
      const file = join(folder, name);
      if (!(await isExecutable(file))) continue;
      const version = await versionOf(file, pin.versionCommand);
      if (version !== undefined && fits(pin, version)) return { path: file, version };
    }
  }
  return undefined;
}

export function fits(pin: Pick<ToolPin, "version" | "fits">, version: string): boolean {
  const [want, have] = [semver.parse(pin.version), semver.parse(version)];
  if (want === null || have === null || want.major !== have.major) return false;
  if (pin.fits === "minor") return Math.abs(want.minor - have.minor) <= 1;
  return want.minor === have.minor && have.prerelease.length === 0 && have.patch >= want.patch;
}

/** The first thing that looks like a version in what the program prints; undefined when it cannot be run. */
export async function versionOf(file: string, args: string[]): Promise<string | undefined> {
  const { stdout } = await execa(file, args, { reject: false, timeout: 10_000, stdin: "ignore" });
  return /\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/.exec(stdout ?? "")?.[1];
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
