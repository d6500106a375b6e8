import { releaseFacts } from "../../lib/release/releases.ts";
import { releaseValues } from "../../lib/release/values.ts";
import { migratesAtStart, type StrategyName } from "../strategies.ts";
import type { Stage } from "./stage.ts";

export type Values = { [name: string]: unknown };

/** What a release brings to charts/strategy-lab; the strategy's own file comes after it. */
export async function valuesOf(stage: Stage, strategy: StrategyName, release: string): Promise<Values> {
  const images = stage.images.releases[release];
  const startup = stage.startup[release];
  if (!images || !startup) throw new Error(`images of ${release} were not built`);
  const nodePort = stage.cluster.nodePorts?.e2e;
  const blog = releaseValues({
    facts: await releaseFacts(release),
    ...images,
    ...(migratesAtStart(strategy) && { blog: startup }),
    waitForJob: stage.images.waitForJob,
    nodePort,
  });
  return { blog, ...(nodePort && { holdingPage: { nodePort } }) };
}

/** The second's values over the first's. */
export function merged(one: Values, other: Values): Values {
  const result: Values = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = result[name];
    result[name] = isGroup(before) && isGroup(value) ? merged(before, value) : value;
  }
  return result;
}

const isGroup = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
