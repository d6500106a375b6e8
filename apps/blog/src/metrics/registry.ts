import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** One registry for the process. Whatever is in it bears the version, as every answer of the blog does. */
export function createRegistry(version: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ version });
  collectDefaultMetrics({ register: registry });
  // Its label `version` is that of Node.js, and would stand in the way of ours.
  registry.removeSingleMetric("nodejs_version_info");
  new Gauge({
    name: "blog_info",
    help: "Always 1; what the process is made of.",
    labelNames: ["node"],
    registers: [registry],
  }).set({ node: process.version }, 1);
  return registry;
}
