import { type Engine, engineKinds, reachEngine } from "@schema-rollout/toolchain";
import { sh } from "../shell.ts";
import { type Claim, claimedClusters, claimsTo } from "./ownership.ts";

/** A kind cluster in one of the engines of this machine. */
export interface Place {
  engine: Engine;
  /** How we know that it is ours; undefined where nothing was noted. */
  claim: Claim | undefined;
}

export interface Whereabouts {
  /** Engines that answer and have it, or what is left of it. */
  found: Place[];
  /** Claims whose engine does not answer: the cluster may be there still. */
  unanswered: (Claim & { engine: NonNullable<Claim["engine"]> })[];
}

/**
 * Where the clusters of this name are: with the engines that were noted when they were made, whichever is the first in line
 * today, and with the others that answer.
 */
export async function whereaboutsOf(cluster: string): Promise<Whereabouts> {
  const claims = await claimsTo(cluster);
  const result: Whereabouts = { found: [], unanswered: [] };
  for (const claim of claims) {
    if (!claim.engine) continue;
    const { kind, address } = claim.engine;
    const engine = await reachEngine(kind, address);
    if (!engine) result.unanswered.push({ ...claim, engine: claim.engine });
    else if (await hasNodes(engine, cluster)) result.found.push({ engine, claim });
  }
  const unclear = claims.find(({ engine }) => !engine);
  for (const kind of engineKinds) {
    if (claims.some(({ engine }) => engine?.kind === kind)) continue;
    const engine = await reachEngine(kind);
    if (engine && (await hasNodes(engine, cluster))) result.found.push({ engine, claim: unclear });
  }
  return result;
}

/** The kind cluster that holds a port of this machine, if it is one. */
export async function holderOf(
  port: number,
): Promise<{ cluster: string; engine: Engine; ours: boolean } | undefined> {
  for (const kind of engineKinds) {
    const engine = await reachEngine(kind);
    const line =
      engine && (await nodes(engine, "{{.Names}} {{.Ports}}")).find((text) => publishes(text, port));
    const cluster = line && /^(\S+)-control-plane/.exec(line)?.[1];
    if (cluster) return { cluster, engine, ours: (await claimedClusters()).includes(cluster) };
  }
  return undefined;
}

/** In either engine's words: `127.0.0.1:8080->30080/tcp`, or several in a row as one, `127.0.0.1:8080-8082->30080-30082/tcp`. */
const publishes = (text: string, port: number): boolean =>
  [...text.matchAll(/:(\d+)(?:-(\d+))?->/g)].some(
    ([, first, last = first]) => Number(first) <= port && port <= Number(last),
  );

const hasNodes = async (engine: Engine, cluster: string): Promise<boolean> =>
  (await nodes(engine, "{{.Names}}", cluster)).length > 0;

/** By the label that kind finds its nodes by, too; a stopped one counts. */
async function nodes({ path, env }: Engine, format: string, cluster?: string): Promise<string[]> {
  const label = `label=io.x-k8s.kind.cluster${cluster ? `=${cluster}` : ""}`;
  const run = sh({ env: { ...process.env, ...env } });
  return (await run`${path} ps -a --filter ${label} --format ${format}`).stdout.split("\n").filter(Boolean);
}
