import { UsageError } from "./errors.ts";
import { readFile, whyUnreadable } from "./files.ts";

/** Where the API server is and how to speak to it. */
export interface Cluster {
  readonly server: URL;
  readonly namespace: string;
  /** Read anew for every request: the kubelet replaces a token well before it expires. */
  token(): string | undefined;
  /** Read anew likewise: the bundle is replaced when the cluster's authority is. */
  authority(): Buffer | undefined;
}

export interface ClusterFlags {
  readonly server?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly namespace?: string | undefined;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The cluster named by the flags, else the one this pod runs in. Files are tried once, so a wrong path is said at once. */
export function findCluster(flags: ClusterFlags, env: NodeJS.ProcessEnv, mount = SERVICE_ACCOUNT): Cluster {
  const inPod = flags.server === undefined;
  const server = inPod ? serverOfPod(env) : parseServer(flags.server ?? "");
  const tokenFile = flags.tokenFile ?? (inPod ? `${mount}/token` : undefined);
  const caFile = flags.caFile ?? (inPod ? `${mount}/ca.crt` : undefined);
  if (server.protocol === "https:" && tokenFile === undefined) {
    throw new UsageError(`${server.origin} needs --token-file (only a plain http:// server does without).`);
  }
  const mounted = inPod
    ? " Is a service account token mounted into this container (automountServiceAccountToken, or a projected volume)?"
    : "";
  if (tokenFile !== undefined) readOrExplain(tokenFile, "the token", mounted);
  if (caFile !== undefined) readOrExplain(caFile, "the certificate authority", mounted);
  return {
    server,
    namespace:
      flags.namespace ?? (inPod ? readOrExplain(`${mount}/namespace`, "the namespace", mounted) : "default"),
    token: () => (tokenFile === undefined ? undefined : readFile(tokenFile).toString("utf8").trim()),
    authority: () => (caFile === undefined ? undefined : readFile(caFile)),
  };
}

function serverOfPod(env: NodeJS.ProcessEnv): URL {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT || "443";
  if (!host) {
    throw new UsageError(
      "KUBERNETES_SERVICE_HOST is not set, so this is no pod: name the API server with --server (and --token-file, --ca-file).",
    );
  }
  return parseServer(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
}

function parseServer(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new UsageError(`--server must be an https:// or http:// address, not "${text}".`);
  }
  return url;
}

function readOrExplain(path: string, what: string, hint: string): string {
  let content: string;
  try {
    content = readFile(path).toString("utf8").trim();
  } catch (cause) {
    throw new UsageError(`Cannot read ${what} from ${path} (${whyUnreadable(cause)}).${hint}`, { cause });
  }
  if (content === "") throw new UsageError(`${path}, the file with ${what}, is empty.${hint}`);
  return content;
}
