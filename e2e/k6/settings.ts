import type { Adapter } from "@schema-rollout/scripts/lib/load/adapter.ts";

export function setting(name: string): string {
  const value = __ENV[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const connections = setting("CONNECTIONS");

// An import needs a path that is written here; k6's require takes any. (An export that is taken apart, as in
// `export const { a } = …`, crashes k6 1.8.)
export const adapter: Adapter = require(setting("ADAPTER")).default;
