import { kubectl } from "../../lib/cluster/access.ts";
import { Failure } from "../../lib/failure.ts";
import { saidBy } from "../../lib/shell.ts";
import type { Place } from "../stand/place.ts";
import { manifest } from "./upgrade.ts";
import type { Order } from "./way.ts";

export const externalJob = (release: string) => `job/blog-migrate-${release}`;

/** The pipeline applies the Job and waits until it is complete. kubectl waits on when it has failed: it looks for one condition. */
export async function runExternalJob(place: Place, { release, timeoutSeconds }: Order): Promise<void> {
  for (const right of ["create and patch jobs", "get and watch jobs"]) place.needed.add(right);
  const only = ["--set", "job.enabled=true", "--show-only", "templates/job.yaml"];
  const job = await manifest(place, release, ...only);
  const where = ["-n", place.namespace];
  await kubectl(place.cluster, [...where, "apply", "-f", "-"], job);
  const waiting = ["--for=condition=complete", `--timeout=${timeoutSeconds}s`];
  await kubectl(place.cluster, [...where, "wait", externalJob(release), ...waiting]).catch((error) => {
    throw new Failure(`kubectl wait: ${saidBy(error)}`);
  });
}
