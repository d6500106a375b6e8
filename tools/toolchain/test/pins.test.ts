import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fill, pinsSchema, readPins } from "../src/pins.ts";

const pins = readPins();

test.for(Object.entries(pins.tools))(
  "%s: every address, file name and build flag is of the pinned version",
  ([, pin]) => {
    const { version, release, go } = pin;
    for (const asset of Object.values(release?.platforms ?? {}))
      expect(fill(release?.url ?? "", { version, file: asset.file })).toContain(version);
    if (go.version !== undefined) expect(go.version).toBe(moduleVersion(go.package, version));
    for (const flag of go.ldflags.filter((flag) => /[vV]ersion=v?\d+\.\d+\.\d+/.test(flag)))
      expect(flag.split("=")[1]?.replace(/^v/, "")).toBe(version);
  },
);

/** Prometheus has no module for its major 3: release 3.16.0 is v0.316.0. */
function moduleVersion(path: string, version: string): string {
  if (!path.startsWith("github.com/prometheus/prometheus/")) return `v${version}`;
  const [major, minor, patch] = version.split(".").map(Number);
  return `v0.${100 * (major ?? 0) + (minor ?? 0)}.${patch}`;
}

test("Node's files and npm packages are of the pinned version", () => {
  const { version, platforms } = pins.node;
  for (const { file, npm } of Object.values(platforms)) {
    expect(file).toContain(`-v${version}-`);
    if (npm) expect(npm.package.endsWith(`@${version}`)).toBe(true);
  }
});

test("the kubectl wrapper is built from the modules of the pinned Kubernetes", () => {
  const minorAndPatch = pins.tools.kubectl?.version.replace(/^1\./, "");
  const goMod = readFileSync(fileURLToPath(new URL("../go/kubectl/go.mod", import.meta.url)), "utf8");
  expect(goMod).toContain(`k8s.io/kubectl v0.${minorAndPatch}\n`);
});

test("a mistyped checksum or key is refused", () => {
  const broken = structuredClone(pins);
  const asset = broken.tools.kind?.release?.platforms["linux-x64"];
  if (asset) asset.sha256 = "abc";
  expect(pinsSchema.safeParse(broken).success).toBe(false);
  expect(pinsSchema.safeParse({ ...pins, extra: 1 }).success).toBe(false);
});
