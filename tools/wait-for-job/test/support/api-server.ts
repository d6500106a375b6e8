import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Job } from "./jobs.ts";

export interface Request {
  readonly verb: "list" | "watch";
  readonly name: string;
  readonly namespace: string;
  readonly url: URL;
  readonly token: string | undefined;
}

/** Answers instead of the truth; false for the truth. */
export type Intercept = (request: Request, response: ServerResponse) => boolean;

/** Answers what is no LIST or WATCH of Jobs; false for all else. */
export type Also = (incoming: IncomingMessage, response: ServerResponse) => boolean;

interface Change {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Job;
}

export type ApiServer = Awaited<ReturnType<typeof startApiServer>>;

/**
 * The part of a Kubernetes API server the gate speaks to, over real sockets: Jobs with versions and a history, LIST
 * and chunked WATCH by field selector, and every way in which it can misbehave.
 */
export async function startApiServer(tls?: { cert: string; key: string }, also: Also = () => false) {
  const jobs = new Map<string, Job>();
  const requests: Request[] = [];
  const watches = new Map<ServerResponse, Request>();
  const sockets = new Set<Socket>();
  let history: Change[] = [];
  let version = 100;
  let connections = 0;
  let intercept: Intercept = () => false;

  const handler = (incoming: IncomingMessage, response: ServerResponse) => {
    if (also(incoming, response)) return;
    const request = read(incoming);
    requests.push(request);
    if (intercept(request, response)) return;
    if (request.verb === "list") return answer(response, 200, listOf(request));
    openWatch(request, response);
    if (request.url.searchParams.get("sendInitialEvents") === "true") return sendInitial(request, response);
    const from = Number(request.url.searchParams.get("resourceVersion"));
    if (from < oldest()) return endWith(response, gone());
    for (const change of history) if (change.version > from) deliver(change, response, request);
  };
  const server = tls ? createTlsServer(tls, handler) : createServer(handler);
  server.on(tls ? "secureConnection" : "connection", () => {
    connections += 1;
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const listen = (port: number) =>
    new Promise<void>((done, failedToListen) => {
      server.once("error", failedToListen).listen(port, "127.0.0.1", () => done());
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const oldest = () => (history[0]?.version ?? version + 1) - 1;
  const selected = ({ name, namespace }: Request) =>
    [...jobs.values()].filter(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  const listOf = (request: Request) => ({
    kind: "JobList",
    apiVersion: "batch/v1",
    metadata: { resourceVersion: String(version) },
    // As the real one does: items of a list carry neither kind nor apiVersion.
    items: selected(request).map(({ kind: _, apiVersion: __, ...item }) => item),
  });
  /** A WATCH that begins with what is there instead of a LIST, as client-go asks for today. */
  function sendInitial(request: Request, response: ServerResponse) {
    for (const object of selected(request)) response.write(line("ADDED", object));
    const annotations = { "k8s.io/initial-events-end": "true" };
    response.write(line("BOOKMARK", bookmark(String(version), annotations)));
  }
  function openWatch(request: Request, response: ServerResponse) {
    response.writeHead(200, { "content-type": "application/json", "transfer-encoding": "chunked" });
    response.flushHeaders();
    watches.set(response, request);
    response.once("close", () => watches.delete(response));
  }
  function record(type: Change["type"], object: Job) {
    version += 1;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const change = { version, type, object: stamped };
    history.push(change);
    for (const [response, request] of watches) deliver(change, response, request);
    return stamped;
  }
  const key = ({ metadata }: Job) => `${metadata.namespace}/${metadata.name}`;

  return {
    find: (namespace: string, name: string) => jobs.get(`${namespace}/${name}`),
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    openWatches: () => watches.size,
    /** The verbs asked for, in order: `list watch`. */
    verbs: () => requests.map(({ verb }) => verb).join(" "),
    apply(object: Job) {
      const known = jobs.has(key(object));
      jobs.set(key(object), record(known ? "MODIFIED" : "ADDED", object));
    },
    remove(object: Job) {
      jobs.delete(key(object));
      record("DELETED", object);
    },
    /** Writes to every open watch as is, in pieces of this many bytes. */
    write(raw: string | Buffer, pieces = Number.POSITIVE_INFINITY) {
      const bytes = Buffer.from(raw as string);
      const size = Math.min(pieces, Math.max(bytes.length, 1));
      for (const response of watches.keys()) {
        for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
      }
    },
    bookmark() {
      version += 1;
      for (const response of watches.keys()) response.write(line("BOOKMARK", bookmark(String(version))));
    },
    /** Forgets history, as etcd does: older versions are Gone. */
    compact() {
      history = [];
      version += 1;
    },
    endWatches() {
      for (const response of watches.keys()) response.end();
    },
    endWatchesWith(status: object) {
      for (const response of watches.keys()) endWith(response, status);
    },
    resetConnections() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    /** Another certificate, for connections from now on. */
    certify({ cert, key }: { cert: string; key: string }) {
      (server as TlsServer).setSecureContext({ cert, key });
    },
    intercept(next?: Intercept) {
      intercept = next ?? (() => false);
    },
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    restart: () => listen(port),
  };
}

export const gone = () => ({
  kind: "Status",
  apiVersion: "v1",
  code: 410,
  reason: "Expired",
  message: "too old",
});

const bookmark = (resourceVersion: string, annotations = {}) => ({
  kind: "Job",
  apiVersion: "batch/v1",
  metadata: { resourceVersion, annotations },
});

export const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

export function answer(response: ServerResponse, status: number, body: unknown, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

export function refuse(status: number, message: string, headers = {}): Intercept {
  return (_, response) => {
    answer(response, status, { kind: "Status", apiVersion: "v1", code: status, message }, headers);
    return true;
  };
}

function endWith(response: ServerResponse, status: object) {
  response.end(line("ERROR", status));
}

function deliver({ type, object }: Change, response: ServerResponse, { name, namespace }: Request) {
  if (object.metadata.name === name && object.metadata.namespace === namespace) {
    response.write(line(type, object));
  }
}

function read(incoming: IncomingMessage): Request {
  const url = new URL(incoming.url ?? "/", "http://api");
  const namespace = /^\/apis\/batch\/v1\/namespaces\/([^/]+)\/jobs$/.exec(url.pathname)?.[1] ?? "";
  const name = /^metadata\.name=(.+)$/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1] ?? "";
  const verb = url.searchParams.get("watch") === "true" ? "watch" : "list";
  return { verb, name, namespace, url, token: incoming.headers.authorization?.replace("Bearer ", "") };
}
