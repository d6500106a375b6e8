// Usage:  node tools/toolchain/src/pin.ts
//
// For maintainers, with the internet there. After a version was changed in pins.json (and in the names of its
// files), reads every SHA-256 from the checksum file its vendor publishes and writes it into pins.json.
// Prints what changed; `npm run format` then tidies the file. Exit code 1 when a checksum could not be had:
// that pin keeps what it was.
import { basename } from "node:path";
import { publishedChecksum } from "./download.mjs";
import { fill, type Pins, readPinsFile, writePinsFile } from "./pins.ts";

// As written in the file, without the defaults that readPins() fills in.
const pins = readPinsFile() as Pins;
const releases = [
  { ...pins.node, name: "node" },
  ...Object.entries(pins.tools).flatMap(([name, { version, release }]) =>
    release ? [{ ...release, name, version }] : [],
  ),
];
let changed = 0;

for (const { name, version, checksums, platforms } of releases) {
  for (const [platform, asset] of Object.entries(platforms)) {
    const what = `${name} ${version} ${platform}`;
    try {
      const sum = await publishedChecksum(
        fill(checksums, { version, file: asset.file }),
        basename(asset.file),
      );
      if (sum === asset.sha256) continue;
      console.log(`${what}: ${asset.sha256 ?? "no pin"} -> ${sum}`);
      asset.sha256 = sum;
      changed += 1;
    } catch (error) {
      console.error(`${what}: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}
if (changed > 0) writePinsFile(pins);
console.log(`${changed} pins changed.`);
