import type { IncomingMessage, ServerResponse } from "node:http";
import { answer } from "../test/support/api-server.ts";
import type { Job } from "../test/support/jobs.ts";

const DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

const discovered = (...items: object[]) => ({
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  metadata: {},
  items,
});

const core = { metadata: {}, versions: [{ version: "v1", resources: [], freshness: "Current" }] };
const batch = {
  metadata: { name: "batch" },
  versions: [
    {
      version: "v1",
      freshness: "Current",
      resources: [
        {
          resource: "jobs",
          responseKind: { group: "batch", version: "v1", kind: "Job" },
          scope: "Namespaced",
          singularResource: "job",
          verbs: ["get", "list", "watch"],
        },
      ],
    },
  ],
};

/** What kubectl asks for besides LIST and WATCH: which resources there are, in the short form of today's servers, and one Job. */
export function answerKubectl(find: (namespace: string, name: string) => Job | undefined) {
  return (incoming: IncomingMessage, response: ServerResponse): boolean => {
    const path = new URL(incoming.url ?? "/", "http://api").pathname;
    const [, namespace, name] = /^\/apis\/batch\/v1\/namespaces\/([^/]+)\/jobs\/([^/]+)$/.exec(path) ?? [];
    if (path === "/api") answer(response, 200, discovered(core), { "content-type": DISCOVERY });
    else if (path === "/apis") answer(response, 200, discovered(batch), { "content-type": DISCOVERY });
    else if (namespace !== undefined && name !== undefined) {
      const job = find(namespace, name);
      answer(
        response,
        job ? 200 : 404,
        job ?? { kind: "Status", apiVersion: "v1", code: 404, reason: "NotFound" },
      );
    } else return false;
    return true;
  };
}
