import { cpus, release, totalmem, type } from "node:os";
import { CoreV1Api, VersionApi } from "@kubernetes/client-node";
import { kubeConfig, kubectl } from "../../cluster/access.ts";
import type { Cluster } from "../../cluster/index.ts";
import { queryDatabase } from "../../install/database-session.ts";
import type { Connections } from "../../load/raw.ts";
import { sh } from "../../shell.ts";

/** Where the run took place. What could not be found out is missing. */
export interface Environment {
  kubernetes?: string;
  nodes?: { kubelet: string; os: string; runtime: string; cpus: string }[];
  postgresql?: string;
  /** Node of the blog's image. */
  node?: string;
  helm?: string;
  k6?: string;
  replicas: number;
  /** Requests per second that were sent, by kind of connection. */
  rates: Record<Connections, number>;
  /** The machine that sent the load; with kind, the cluster's, too. */
  machine: { os: string; cpu: string; cores: number; memoryGiB: number };
  /** Of this repository; with a plus where files were changed since. */
  commit?: string;
}

export interface Place extends Pick<Environment, "replicas" | "rates"> {
  cluster: Cluster;
  namespace: string;
  k6: string;
}

/** Asks cluster and tools. A figure that is not to be had must not cost anybody the report. */
export async function environmentOf({
  cluster,
  namespace,
  k6,
  replicas,
  rates,
}: Place): Promise<Environment> {
  const inside = async (where: string, ...command: string[]) =>
    (
      await kubectl(cluster, [
        "--request-timeout=10s",
        "-n",
        namespace,
        "exec",
        ...where.split(" "),
        "--",
        ...command,
      ])
    ).stdout;
  const [kubernetes, nodes, postgresql, node, helm, load, commit] = await Promise.all([
    told(async () => (await kubeConfig(cluster).makeApiClient(VersionApi).getCode()).gitVersion),
    told(() => nodesOf(cluster)),
    // Of the database the namespace's Secret leads to, wherever that is.
    told(async () => {
      const asked = "SELECT current_setting('server_version') AS version";
      const [row] = await queryDatabase(cluster, namespace, asked);
      return String(row?.version);
    }),
    told(() => inside("deployment/blog -c blog", "/nodejs/bin/node", "--version")),
    told(async () => (await sh`${cluster.helm} version --template={{.Version}}`).stdout),
    told(async () => (await sh`${k6} version`).stdout),
    told(commitOf),
  ]);
  const version = (text: string | undefined) => text && /\d+(\.\d+)+/.exec(text)?.[0];
  return without({
    kubernetes: version(kubernetes),
    nodes,
    postgresql: version(postgresql),
    node: version(node),
    helm: version(helm),
    k6: version(load),
    replicas,
    rates,
    machine: machine(),
    commit,
  });
}

const told = <T>(ask: () => Promise<T>): Promise<T | undefined> => ask().catch(() => undefined);

async function nodesOf(cluster: Cluster): Promise<Environment["nodes"]> {
  const { items } = await kubeConfig(cluster).makeApiClient(CoreV1Api).listNode();
  return items.map(({ status }) => ({
    kubelet: status?.nodeInfo?.kubeletVersion ?? "",
    os: status?.nodeInfo?.osImage ?? "",
    runtime: status?.nodeInfo?.containerRuntimeVersion ?? "",
    cpus: String(status?.capacity?.cpu ?? ""),
  }));
}

function machine(): Environment["machine"] {
  const cores = cpus();
  const cpu = cores[0]?.model.trim() || process.arch;
  return {
    os: `${type()} ${release()}`,
    cpu,
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

async function commitOf(): Promise<string> {
  const { stdout } = await sh`git rev-parse --short HEAD`;
  const changed = (await sh`git status --porcelain --untracked-files=no`).stdout.trim() !== "";
  return `${stdout.trim()}${changed ? "+" : ""}`;
}

/** Without the fields that have no value: there are none in JSON either. */
const without = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
