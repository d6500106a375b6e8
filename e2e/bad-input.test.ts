import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "@schema-rollout/scripts/lib/paths.ts";
import { knownReleases } from "@schema-rollout/scripts/lib/release/releases.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { theStage } from "./scenario/stage.ts";

let folder: string;
let deadCluster: string;
let busy: Server;
let busyPort: number;
let known: string;

beforeAll(async () => {
  // The tools are there already, so that nothing below has to wait for a download or a build.
  await theStage();
  known = (await knownReleases()).join(", ");
  folder = await mkdtemp(join(tmpdir(), "bad-input-"));
  deadCluster = join(folder, "kubeconfig");
  await writeFile(deadCluster, JSON.stringify(kubeconfigOf("https://127.0.0.1:1")));
  busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  const address = busy.address();
  busyPort = address !== null && typeof address !== "string" ? address.port : 0;
});
afterAll(async () => {
  busy.close();
  await rm(folder, { recursive: true });
});

interface Fault {
  what: string;
  script?: string;
  env: () => Record<string, string>;
  code: number;
  says: () => RegExp;
}

const faults: Fault[] = [
  {
    what: "an unknown release",
    env: () => ({ TO: "v99" }),
    code: 2,
    says: () => new RegExp(`^There is no release "v99"\\. There are: ${known}\\.$`, "m"),
  },
  {
    what: "an upgrade to the same release",
    env: () => ({ FROM: "v2", TO: "v2" }),
    code: 2,
    says: () => /FROM and TO are both v2/,
  },
  {
    what: "a rate that is none",
    env: () => ({ RATE: "many" }),
    code: 2,
    says: () => /^RATE=many: requests per second, a whole number/m,
  },
  {
    what: "a number of nodes that is none",
    script: "up",
    env: () => ({ NODES: "many" }),
    code: 2,
    says: () => /^NODES=many: /,
  },
  {
    what: "an existing cluster without registry and URL",
    env: () => ({ KUBE_CONTEXT: "prod" }),
    code: 2,
    says: () => /please also give REGISTRY .* and URL/,
  },
  {
    what: "a context that does not exist",
    env: () => ({
      KUBE_CONTEXT: "prod",
      KUBECONFIG: deadCluster,
      REGISTRY: "registry.example",
      URL: "http://127.0.0.1:1",
    }),
    code: 3,
    says: () => /^KUBE_CONTEXT=prod is not in the kubeconfig\. There is: dead\.$/m,
  },
  {
    what: "a cluster that is dead",
    env: () => ({
      KUBE_CONTEXT: "dead",
      KUBECONFIG: deadCluster,
      REGISTRY: "registry.example",
      URL: "http://127.0.0.1:1",
    }),
    code: 3,
    says: () => /^The cluster behind KUBE_CONTEXT=dead does not answer: /m,
  },
  {
    what: "a port in use",
    script: "up",
    env: () => ({ CLUSTER: "schema-rollout-port", PORT: String(busyPort) }),
    code: 3,
    says: () => new RegExp(`^Port ${busyPort} of 127\\.0\\.0\\.1 is in use\\..*PORT=`, "m"),
  },
  {
    what: "another shape than the cluster that is there",
    script: "up",
    env: () => ({ NODES: "7" }),
    code: 3,
    says: () => /has \d nodes? on ports .* but 7 nodes on ports .* make down first/,
  },
];

test.each(faults)(
  "$what ends with one sentence and exit code $code",
  async ({ script = "demo", env, code, says }) => {
    const child = spawn(process.execPath, [`scripts/${script}.ts`], {
      cwd: root,
      env: { ...process.env, ...env() },
    });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const [exit] = await once(child, "close");
    expect(said).toMatch(says());
    expect(said).not.toMatch(/^\s+at /m);
    expect(exit).toBe(code);
  },
);

const kubeconfigOf = (server: string) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "dead", cluster: { server } }],
  users: [{ name: "dead", user: {} }],
  contexts: [{ name: "dead", context: { cluster: "dead", user: "dead" } }],
});
