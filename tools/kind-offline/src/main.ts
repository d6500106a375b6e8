// node tools/kind-offline/src/main.ts: gets or builds everything a cluster needs, and prints the names.
import { resolveEngine, ToolchainError } from "@schema-rollout/toolchain";
import { baseImages, nodeImage } from "./index.ts";

const started = Date.now();
const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`.padStart(6);
let last = "";

/** One line for each new step; within a step, packages and bytes are counted on the same kind of line, unprinted. */
function onProgress(text: string): void {
  const step = text.replace(/[\d.]+/g, "0");
  if (step === last) return;
  last = step;
  console.error(`${seconds()}  ${text}`);
}

try {
  const engine = await resolveEngine({ onProgress });
  const node = await nodeImage({ engine, onProgress });
  const bases = await baseImages({ engine, onProgress });
  console.log(JSON.stringify({ kindNode: node.name, ...bases }, undefined, 2));
  console.error(`${seconds()}  done`);
} catch (error) {
  if (!(error instanceof ToolchainError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
