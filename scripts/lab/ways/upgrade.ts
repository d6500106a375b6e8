import { helm } from "../../lib/cluster/access.ts";
import { Failure } from "../../lib/failure.ts";
import { saidBy } from "../../lib/shell.ts";
import type { Place } from "../stand/place.ts";
import { merged, type Values, valuesOf } from "../stand/values.ts";
import { valuesFile } from "../strategies.ts";
import type { Order } from "./way.ts";

const chart = "charts/strategy-lab";

/** `helm upgrade --install` of the strategy's chart. It waits, as pipelines do, unless it is told not to. */
export async function upgrade(
  place: Place,
  { release, timeoutSeconds, values = {} }: Order,
  { more = {}, wait = true }: { more?: Values; wait?: boolean } = {},
): Promise<void> {
  const all = merged(merged(await valuesOf(place.stage, place.strategy, release), values), more);
  const files = ["-f", "-", "-f", valuesFile(place.strategy)];
  const waiting = wait ? ["--wait", "--timeout", `${timeoutSeconds}s`] : [];
  await helm(
    place.cluster,
    ["upgrade", "--install", "blog", chart, "-n", place.namespace, ...files, ...waiting],
    JSON.stringify(all),
  ).catch((error) => {
    throw new Failure(saidBy(error));
  });
}

/** What the chart makes of the strategy, or one of its templates. */
export async function manifest(place: Place, release: string, ...args: string[]): Promise<string> {
  const values = await valuesOf(place.stage, place.strategy, release);
  const where = ["-n", place.namespace, "-f", "-", "-f", valuesFile(place.strategy)];
  const { stdout } = await helm(
    place.cluster,
    ["template", "blog", chart, ...where, ...args],
    JSON.stringify(values),
  );
  return stdout;
}
