import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot, type Engine } from "@schema-rollout/toolchain";
import { z } from "zod";

const claimShape = z.object({
  id: z.string().min(1),
  /** The engine it was made with, and which of its daemons. Unknown of a cluster that an earlier version made. */
  engine: z
    .object({ kind: z.enum(["docker", "podman"]), address: z.record(z.string(), z.string()) })
    .optional(),
  /** Ports of this machine that it was given. */
  ports: z.array(z.number()).optional(),
});

/** That a cluster is ours, noted before it is made. */
export type Claim = z.infer<typeof claimShape>;

/** One for each engine that was given a cluster of the name. */
const record = z.object({ claims: z.array(claimShape).min(1) });

// Beside the cache rather than in the checkout: every clone of the repository uses the same cluster.
const folder = () => join(cacheRoot(), "clusters");
/** Where it is noted of one cluster. */
export const claimFile = (cluster: string): string => join(folder(), cluster);

/** Notes, before a cluster is created, that it is ours, and what it is made with: only then may it be removed again. */
export async function claim(
  cluster: string,
  { kind, address = {} }: Pick<Engine, "kind" | "address">,
  ports: number[],
): Promise<void> {
  const others = (await claimsTo(cluster)).filter(({ engine }) => engine && engine.kind !== kind);
  await write(cluster, [...others, { id: randomUUID(), engine: { kind, address }, ports }]);
}

/**
 * The claims there are to a cluster of this name; none when it is not ours. A file that cannot be understood, such as one
 * of an earlier version, is a claim all the same: only we write there.
 */
export async function claimsTo(cluster: string): Promise<Claim[]> {
  const text = await readFile(claimFile(cluster), "utf8").catch(ifAbsent(undefined));
  if (text === undefined) return [];
  const read = record.safeParse(jsonOf(text));
  return read.success ? read.data.claims : [{ id: text }];
}

/** The claim to the cluster of this name that an engine has; one whose engine is unknown may be to that. */
export const claimTo = async (cluster: string, kind?: Engine["kind"]): Promise<Claim | undefined> =>
  (await claimsTo(cluster)).find(({ engine }) => !kind || !engine || engine.kind === kind);

/** Gives up the claim a cluster was removed by, not one that another run has made meanwhile to the next of its name. */
export async function disown(cluster: string, { id }: Claim): Promise<void> {
  const claims = await claimsTo(cluster);
  const left = claims.filter((claim) => claim.id !== id);
  if (left.length === 0) await rm(claimFile(cluster), { force: true });
  else if (left.length < claims.length) await write(cluster, left);
}

/** Names of all clusters that are ours. */
export async function claimedClusters(): Promise<string[]> {
  const names = await readdir(folder()).catch(ifAbsent([]));
  return names.filter((name) => /^[a-z0-9]/.test(name)).sort();
}

/** Whole or as it was: a reader never sees half of it. */
async function write(cluster: string, claims: Claim[]): Promise<void> {
  const file = claimFile(cluster);
  const temporary = join(dirname(file), `.${cluster}.${process.pid}`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, `${JSON.stringify({ claims }, undefined, 2)}\n`);
  await rename(temporary, file);
}

const ifAbsent =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === "ENOENT") return instead;
    throw error;
  };

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
