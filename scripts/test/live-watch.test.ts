import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { artifacts, root } from "../lib/paths.ts";
import { pod, type Stage } from "./live-states.ts";

const context = `live-watch-${process.pid}`;
let folder: string;
let server: Server;
/** The open watches, by path; the API server of the whole test is scripted, because it must go away and come back. */
let watches: Map<string, ServerResponse>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "live-watch-"));
  watches = new Map();
  server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
    answer.setHeader("content-type", "application/json");
    if (pathname === "/version") answer.end(JSON.stringify({ gitVersion: "v1" }));
    else if (searchParams.has("watch")) {
      watches.set(`${pathname} ${searchParams.get("labelSelector")}`, answer);
      answer.flushHeaders();
    } else answer.end(JSON.stringify({ metadata: { resourceVersion: "1" }, items: [] }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
  await rm(join(artifacts, `${context}.kubeconfig`), { force: true });
});

/** make watch, with a kubeconfig of its own; never with the one of whoever runs the tests. */
function watch(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ["scripts/watch.ts"], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: folder, KUBECONFIG: join(folder, "config"), ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output += text;
    });
  const ended = once(child, "exit").then(([code]) => code as number);
  return { child, output: () => output, ended };
}

function kubeconfig() {
  const { port } = server.address() as AddressInfo;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    // Without this the client speaks no plain HTTP.
    clusters: [
      { name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
    ],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
  };
  return writeFile(join(folder, "config"), JSON.stringify(config));
}

const selector = "app.kubernetes.io/instance=blog,app.kubernetes.io/component=web";
const webPods = `/api/v1/namespaces/ours/pods ${selector}`;
const deployments = `/apis/apps/v1/namespaces/ours/deployments ${selector}`;
let version = 1;
function tell(stage: Stage): void {
  const object = pod("aaaaa", "h", "v1", stage);
  const type = stage === "gone" ? "DELETED" : "MODIFIED";
  object.metadata = { ...object.metadata, namespace: "ours", resourceVersion: String(++version) };
  watches.get(webPods)?.write(`${JSON.stringify({ type, object })}\n`);
}

test("without a cluster it says what to do, and nothing else", async () => {
  const { output, ended } = watch({ CLUSTER: "not-there" });
  expect(await ended).toBe(3);
  expect(output()).toBe(
    "There is no cluster not-there to watch yet. Run make demo or make up first, then make watch.\n",
  );
});

test("a context that the kubeconfig does not have is named, with those it has", async () => {
  await kubeconfig();
  const { output, ended } = watch({ KUBE_CONTEXT: "elsewhere" });
  expect(await ended).toBe(3);
  expect(output()).toBe(`KUBE_CONTEXT=elsewhere is not in the kubeconfig. There is: ${context}.\n`);
});

test("a cluster that does not answer is a sentence, too", async () => {
  await kubeconfig();
  server.close();
  const { output, ended } = watch({ KUBE_CONTEXT: context });
  expect(await ended).toBe(3);
  expect(output()).toBe(`The cluster ${context} does not answer (ECONNREFUSED). Is it running?\n`);
});

test("it waits for a blog, tells of each change, outlives the API server, and ends well by Ctrl-C", async () => {
  await kubeconfig();
  const { child, output, ended } = watch({ KUBE_CONTEXT: context, NAMESPACE: "ours" });
  const said = (text: string) =>
    expect.poll(() => output().replace(/^\S+ /gm, ""), { timeout: 20_000 }).toContain(`${text}\n`);
  try {
    await said("No blog in namespace ours yet. make deploy or make demo brings one.");
    await expect.poll(() => watches.has(webPods), { timeout: 20_000 }).toBe(true);
    tell("starting");
    await said("Pod blog-h-aaaaa (v1) is starting");
    tell("ready");
    await said("Pod blog-h-aaaaa (v1) is ready");
    await said("Phase: steady");
    const { port } = server.address() as AddressInfo;
    watches.clear();
    server.close();
    server.closeAllConnections();
    await said("The API server does not answer; still trying");
    server.listen(port, "127.0.0.1");
    await expect.poll(() => watches.has(webPods), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => watches.has(deployments), { timeout: 20_000 }).toBe(true);
    tell("draining");
    await said("Pod blog-h-aaaaa (v1) is terminating");
  } finally {
    child.kill("SIGINT");
  }
  expect(await ended).toBe(0);
  expect(output()).not.toContain("Stopping");
});
