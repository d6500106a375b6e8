#!/usr/bin/env node
import "./node-version.mjs";

// Not a static import: it would be loaded first.
import("../src/main.ts").catch((error) => {
  console.error(error);
  // Node's own code is 1, which here means that a Job failed.
  process.exit(70);
});
