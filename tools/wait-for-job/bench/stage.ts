import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import { resolveTool } from "@schema-rollout/toolchain";
import { startApiServer } from "../test/support/api-server.ts";
import { makeAuthority } from "../test/support/certificates.ts";
import { recordDatabase } from "../test/support/record.ts";
import { answerKubectl } from "./kubectl-api.ts";

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** What all contenders share: one API server over TLS that counts requests, one database, kubectl, and our bundle. */
export async function setStage() {
  const authority = makeAuthority();
  const file = (name: string) => join(authority.folder, name);
  let requests = 0;
  const extra = answerKubectl((namespace, name) => api.find(namespace, name));
  const api = await startApiServer(authority, (incoming, response) => {
    requests += 1;
    return extra(incoming, response);
  });
  let postgres: ScratchPostgres | undefined;
  const remove = async () => {
    await Promise.all([api.stop(), postgres?.stop()]);
    rmSync(authority.folder, { recursive: true });
  };
  try {
    const kubectl = await resolveTool("kubectl", { onProgress: (text) => console.error(text) });
    postgres = await startPostgres();
    const db = recordDatabase(await postgres.createDatabase("gate"));
    await db.createTables();
    writeFileSync(file("kubeconfig"), kubeconfig(api.url, authority.caFile));
    let homes = 0;
    return {
      api,
      db,
      kubectl,
      bundle: buildBundle(file("dist")),
      kubeconfig: file("kubeconfig"),
      /** Flags of a gate outside a pod; the token tells the API server who asks. */
      flags(token = "bench") {
        writeFileSync(file(`token-${token}`), token);
        return ["--server", api.url, "--token-file", file(`token-${token}`), "--ca-file", authority.caFile];
      },
      requests: () => requests,
      /** A home folder nobody has used: in a new pod kubectl has no cache either. */
      freshHome() {
        homes += 1;
        mkdirSync(file(`home-${homes}`));
        return file(`home-${homes}`);
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function buildBundle(folder: string) {
  const said = execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts"), folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const size = (what: string) => Number(new RegExp(`${what} pg: ([\\d.]+) KB`).exec(said)?.[1]);
  return { path: join(folder, "wait-for-job.mjs"), kbWithoutPg: size("without"), kbWithPg: size("with") };
}

function kubeconfig(server: string, caFile: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "bench", cluster: { server, "certificate-authority": caFile } }],
    users: [{ name: "bench", user: { token: "bench" } }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
    "current-context": "bench",
  });
}
