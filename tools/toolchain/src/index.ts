import { readPins } from "./pins.ts";
import { type ResolveOptions, resolvePin, type Tool } from "./resolve.ts";

export { browserArguments, findBrowser, resolveBrowser } from "./browser.ts";
export { cached, cacheRoot, hashFolder, hashOf } from "./cache.mjs";
export { doctor, type Finding } from "./doctor.ts";
export {
  type Address,
  type Engine,
  type EngineKind,
  engineKinds,
  findEngine,
  reachEngine,
  resolveEngine,
} from "./engine.ts";
export { ToolchainError } from "./failure.mjs";
export { type GoBuild, goBuild, goVersion } from "./go-build.ts";
export { nodePin, resolveNode } from "./node.mjs";
export type { OnProgress, Tool } from "./resolve.ts";

export type ToolName =
  | "kind"
  | "kubectl"
  | "helm"
  | "helm3"
  | "k6"
  | "promtool"
  | "prometheus"
  | "helm-unittest";

/**
 * Path of a pinned tool: from the cache, from PATH when its version fits, from the official release checked by
 * its SHA-256, or built from Go modules where the release cannot be reached.
 */
export async function resolveTool(name: ToolName, options: ResolveOptions = {}): Promise<Tool> {
  const pin = readPins().tools[name];
  if (pin === undefined) throw new Error(`pins.json has no tool ${name}`);
  return resolvePin(name, pin, options);
}
