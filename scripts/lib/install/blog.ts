import { helm } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import type { Images } from "../images/index.ts";
import { releaseFacts } from "../release/releases.ts";
import { releaseValues } from "../release/values.ts";
import { saidBy } from "../shell.ts";

export interface BlogInstall {
  namespace: string;
  release: string;
  images: Images;
  nodePort: number | undefined;
  /** More of helm's arguments, e.g. ["--set", "migration.attempt=2"]. */
  helmArgs?: string[];
}

/** Installs or upgrades the blog and returns once the API server has the new objects; waits for nothing. */
export async function deployBlog(cluster: Cluster, install: BlogInstall): Promise<void> {
  const images = install.images.releases[install.release];
  if (!images) throw new Error(`images of ${install.release} were not built`);
  const values = releaseValues({
    facts: await releaseFacts(install.release),
    ...images,
    waitForJob: install.images.waitForJob,
    nodePort: install.nodePort,
  });
  await helm(
    cluster,
    [
      "upgrade",
      "--install",
      "blog",
      "charts/blog",
      "-n",
      install.namespace,
      "-f",
      "-",
      ...(install.helmArgs ?? []),
    ],
    JSON.stringify(values),
  ).catch((error) => {
    throw new Failure(`helm could not deploy ${install.release}: ${saidBy(error)}`);
  });
}
