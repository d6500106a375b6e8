import type { V1Container, V1Pod } from "@kubernetes/client-node";
import type { Holder } from "../cell.ts";
import type { Place } from "../stand/place.ts";

/**
 * Whoever was seen with a Secret whose role may create in the schema: every pod of the namespace, and the pipeline where
 * it had the URL itself. What the role may do is asked of the database.
 */
export async function holders(place: Place): Promise<Holder[]> {
  const seen = new Map<string, Omit<Holder, "role"> & { role?: string }>();
  for (const pod of place.observer.pods.values()) {
    const who = identityOf(pod);
    for (const secret of secretsOf(pod)) seen.set(`${who.identity} ${secret}`, { ...who, secret });
  }
  for (const [identity, secret] of place.outside)
    seen.set(`${identity} ${secret}`, { identity, secret, lasting: false });
  const found: Holder[] = [];
  for (const holder of seen.values()) {
    const role = await roleIn(place, holder.secret);
    if (role && (await mayCreate(place, role))) found.push({ ...holder, role });
  }
  return found;
}

function identityOf({ metadata, spec }: V1Pod): Pick<Holder, "identity" | "lasting"> {
  const component = metadata?.labels?.["app.kubernetes.io/component"];
  const account = spec?.serviceAccountName ?? "default";
  const lasting = component === "web";
  const what = lasting
    ? "every pod of the blog"
    : component === "migration"
      ? "the Job's pod"
      : "the pipeline's pod";
  return { identity: `${what} (account ${account})`, lasting };
}

/** Secrets that a container reads as variables, or a pod mounts. */
export function secretsOf({ spec }: V1Pod): string[] {
  const containers: V1Container[] = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const names = [
    ...containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)),
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ secretRef }) => secretRef?.name)),
    ...(spec?.volumes ?? []).map(({ secret }) => secret?.secretName),
  ];
  return [...new Set(names.filter((name): name is string => name !== undefined))];
}

async function roleIn({ core, namespace }: Place, name: string): Promise<string | undefined> {
  const { data } = await core.readNamespacedSecret({ namespace, name });
  const url = Buffer.from(data?.DATABASE_URL ?? "", "base64").toString();
  return URL.canParse(url) ? decodeURIComponent(new URL(url).username) : undefined;
}

async function mayCreate({ query }: Place, role: string): Promise<boolean> {
  const rows = await query("SELECT has_schema_privilege($1, 'public', 'CREATE') AS may", [role]);
  return rows[0]?.may === true;
}
