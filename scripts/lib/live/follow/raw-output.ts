import { join } from "node:path";
import { artifacts } from "../../paths.ts";

/** Where the load on the blog of a namespace, if there is one, writes its raw output: the demo's, or a scenario's. */
export function rawOutputOf(namespace: string): string[] {
  const folder = namespace === "blog" ? join("demo", "load") : join("e2e", namespace.replace(/^e2e-/, ""));
  return ["reused", "new"].map((connections) => join(artifacts, folder, `${connections}.ndjson`));
}
