import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfig, finishNetwork, nodeImage } from "@schema-rollout/kind-offline";
import { cacheRoot } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import type { Say } from "../progress.ts";
import { saidBy, sh } from "../shell.ts";
import { requireSpace } from "./disk-space.ts";
import { client, type Kind, kind, marker } from "./kind-commands.ts";
import { claim } from "./ownership.ts";
import { requireFreePort } from "./ports.ts";
import { type KindTarget, nodePorts } from "./target.ts";

/** What a cluster was made as, in words that are compared and shown. */
export const setupOf = ({ nodes, ports }: KindTarget): string =>
  `${nodes} node${nodes > 1 ? "s" : ""} on ports ${ports.demo}, ${ports.e2e} and ${ports.beside}`;

/** What the running cluster was made as; undefined when it was never finished, "no answer" when it does not answer. */
export async function readSetup(here: Kind): Promise<string | undefined> {
  const query = ["get", "configmap", marker, "-n", "kube-system", "-o", "jsonpath={.data.setup}"];
  const { exitCode, stdout, stderr } = await client(here, query, { nothrow: true });
  if (exitCode === 0) return stdout || undefined;
  return /NotFound/.test(stderr) ? undefined : "no answer";
}

export async function createKindCluster(here: Kind, say: Say): Promise<void> {
  const { engine, target, kubeconfig } = here;
  await requireFreePort(target.ports.demo, "PORT");
  await requireFreePort(target.ports.e2e, "E2E_PORT");
  await requireFreePort(target.ports.beside, "E2E_PORT");
  await requireSpace([await engineFolder(here), cacheRoot()]);
  const image = await nodeImage({ engine, onProgress: say });
  const folder = await mkdtemp(join(tmpdir(), "schema-rollout-"));
  try {
    const config = join(folder, "kind.yaml");
    const ports = [
      { hostPort: target.ports.demo, nodePort: nodePorts.demo },
      { hostPort: target.ports.e2e, nodePort: nodePorts.e2e },
      { hostPort: target.ports.beside, nodePort: nodePorts.beside },
    ];
    await writeFile(config, clusterConfig({ nodes: target.nodes, ports, ...image }));
    await claim(target.name, engine, Object.values(target.ports));
    say(target.nodes > 1 ? `creating ${target.nodes} nodes` : "creating one node");
    const where = [
      "--name",
      target.name,
      "--image",
      image.name,
      "--config",
      config,
      "--kubeconfig",
      kubeconfig,
    ];
    await kind(here, ["create", "cluster", ...where]).catch((error) => {
      throw new Failure(`kind could not create the cluster: ${saidBy(error)}`);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
  if (image.offline) await finishNetwork({ engine, cluster: target.name });
  say("waiting for the nodes");
  await client(here, [
    "wait",
    "--for=condition=Ready",
    "nodes",
    "--all",
    "--timeout=180s",
    "--request-timeout=0",
  ]);
  // Last: a cluster without it was never finished.
  await client(here, [
    "create",
    "configmap",
    marker,
    "-n",
    "kube-system",
    `--from-literal=setup=${setupOf(target)}`,
  ]);
}

/** Where the engine keeps nodes and images. */
async function engineFolder({ engine }: Kind): Promise<string> {
  const format = engine.kind === "docker" ? "{{.DockerRootDir}}" : "{{.Store.GraphRoot}}";
  const run = sh({ env: { ...process.env, ...engine.env } });
  return (await run`${engine.path} info --format ${format}`).stdout.trim();
}
