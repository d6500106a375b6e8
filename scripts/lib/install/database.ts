import { helm, kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import { imageValues } from "../images/build.ts";
import type { Images } from "../images/index.ts";
import { saidBy } from "../shell.ts";
import { Hopeless, whileItCanComeUp } from "./coming-up/index.ts";
import { createSecrets } from "./secrets.ts";

/** What Helm says of the database's release: "deployed", "pending-install", …; undefined when there is none. */
export async function databaseStatus(cluster: Cluster, namespace: string): Promise<string | undefined> {
  // `helm list` is no way to ask: Helm 4 dropped --all, and Helm 3 hides unfinished releases without it.
  const query = ["status", "postgres", "-n", namespace, "-o", "json"];
  const answer = await helm(cluster, query).catch((error) => {
    if (/release: not found/.test(saidBy(error))) return undefined;
    throw new Failure(`helm could not be asked about the database: ${saidBy(error)}`);
  });
  return answer && (JSON.parse(answer.stdout) as { info: { status: string } }).info.status;
}

/** Installs PostgreSQL as a release of its own and waits until both roles and the database are there. */
export async function installDatabase(cluster: Cluster, namespace: string, images: Images): Promise<void> {
  await createSecrets(cluster, namespace);
  const values = {
    image: imageValues(images.postgres),
    bootstrap: { image: imageValues(images.migrator) },
  };
  const where = ["upgrade", "--install", "postgres", "charts/postgres", "-n", namespace];
  const wait = ["--wait", "--wait-for-jobs", "--timeout", "3m"];
  await whileItCanComeUp(cluster, namespace, { release: "postgres" }, (signal) =>
    helm(cluster, [...where, "-f", "-", ...wait], JSON.stringify(values), signal),
  ).catch(async (error) => {
    if (error instanceof Hopeless)
      throw new Failure(`The database cannot come up: ${error.message}`, { code: error.code });
    const logs = await kubectl(cluster, [
      "-n",
      namespace,
      "logs",
      "-l",
      "app.kubernetes.io/instance=postgres",
      "--all-containers",
      "--tail=15",
    ]).then(({ stdout }) => stdout, saidBy);
    throw new Failure(`The database did not come up: ${saidBy(error)}\nIts logs end with:\n${logs}`);
  });
}
