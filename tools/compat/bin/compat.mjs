#!/usr/bin/env node
// An older Node.js cannot read what is imported below: it would end with a code and a stack of its own.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) import("../src/main.ts");
else {
  console.error(`compat needs Node.js 22.18 or newer; this is ${process.version}.`);
  process.exitCode = 2;
}
