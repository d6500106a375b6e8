import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in hex");
const url = z.string().regex(/^https?:\/\//);
const platform = z.enum(["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"]);

/** One published file; `sha256: null` means: trust the checksum file the vendor publishes beside it, and say so. */
const asset = z.strictObject({
  file: z.string(),
  /** The executable's path inside an archive; without it the file is the executable. */
  member: z.string().optional(),
  sha256: sha256.nullable(),
});

const goSource = z
  .strictObject({
    package: z.string(),
    /** With a version: `go install package@version`. */
    version: z.string().optional(),
    /** With a module: `go build package` in that folder of this workspace, against its go.sum. */
    module: z.string().optional(),
    ldflags: z.array(z.string()).default([]),
    tags: z.array(z.string()).default([]),
  })
  .refine((go) => (go.version === undefined) !== (go.module === undefined), "needs a version or a module");

const tool = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** Names it may have on PATH. */
  names: z.array(z.string()).min(1),
  /** Arguments that make it print its version. */
  versionCommand: z.array(z.string()),
  /** What is accepted from PATH: the same minor from this patch on, or within one minor (kubectl's skew rule). */
  fits: z.enum(["patch", "minor"]),
  release: z.strictObject({ url, checksums: url, platforms: z.partialRecord(platform, asset) }).optional(),
  go: goSource,
});

const node = z.strictObject({
  version: z.string(),
  url,
  checksums: url,
  platforms: z.record(
    platform,
    z.strictObject({
      file: z.string(),
      sha256: sha256.nullable(),
      npm: z.strictObject({ package: z.string(), integrity: z.string().startsWith("sha512-") }).optional(),
    }),
  ),
});

export const pinsSchema = z.strictObject({ node, tools: z.record(z.string(), tool) });

export type Pins = z.infer<typeof pinsSchema>;
export type ToolPin = z.infer<typeof tool>;
export type Platform = z.infer<typeof platform>;

const file = new URL("../pins.json", import.meta.url);

/** Reads and checks `pins.json`. */
export const readPins = (): Pins => pinsSchema.parse(readPinsFile());

export const readPinsFile = (): unknown => JSON.parse(readFileSync(file, "utf8"));

/** Writes what `readPinsFile` gave; refuses what `readPins` would refuse. */
export function writePinsFile(pins: unknown): void {
  pinsSchema.parse(pins);
  writeFileSync(file, `${JSON.stringify(pins, null, 2)}\n`);
}

export const currentPlatform = () => `${process.platform}-${process.arch}`;

/** Fills `{version}` and `{file}` in. */
export function fill(template: string, values: { version: string; file: string }): string {
  return template.replaceAll("{version}", values.version).replaceAll("{file}", values.file);
}
