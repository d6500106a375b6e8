import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakePod {
  name: string;
  phase: "Running" | "Pending";
  annotations?: Record<string, string>;
  ports: number[];
}

/** As much of an API server as a Prometheus needs that looks for pods; all of them live on this machine. */
export async function startPodsApi(namespace: string, pods: FakePod[]) {
  const watches = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://api");
    response.setHeader("Content-Type", "application/json");
    if (url.pathname !== `/api/v1/namespaces/${namespace}/pods`)
      return void response
        .writeHead(404)
        .end(JSON.stringify({ kind: "Status", apiVersion: "v1", code: 404 }));
    if (url.searchParams.get("watch") === null) {
      const items = pods.map((pod) => podObject(namespace, pod));
      const list = { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items };
      return void response.end(JSON.stringify(list));
    }
    watches.add(response);
    response.flushHeaders();
    // A client of today may ask for the list in the stream itself, and for a mark at its end.
    if (url.searchParams.get("sendInitialEvents") !== "true") return;
    for (const pod of pods) send(response, "ADDED", podObject(namespace, pod));
    const annotations = { "k8s.io/initial-events-end": "true" };
    const metadata = { resourceVersion: "1", annotations };
    send(response, "BOOKMARK", { kind: "Pod", apiVersion: "v1", metadata });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const send = (response: ServerResponse, type: string, object: object) =>
  response.write(`${JSON.stringify({ type, object })}\n`);

const podObject = (namespace: string, { name, phase, annotations = {}, ports }: FakePod) => ({
  kind: "Pod",
  apiVersion: "v1",
  metadata: { name, namespace, uid: name, resourceVersion: "1", annotations },
  spec: {
    nodeName: "node",
    initContainers: [{ name: "wait-for-migration", image: "gate" }],
    containers: [
      {
        name: "blog",
        image: "blog",
        ports: ports.map((containerPort) => ({ containerPort, protocol: "TCP" })),
      },
    ],
  },
  status: { phase, podIP: "127.0.0.1", hostIP: "127.0.0.1" },
});
