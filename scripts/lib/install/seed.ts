import { apply, kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import { saidBy } from "../shell.ts";

/**
 * Imports the repository's posts with `migrator run seed`, as the role the blog itself uses, and generates as many more
 * as asked for.
 */
export async function seed(
  cluster: Cluster,
  namespace: string,
  migrations: string,
  posts = 0,
): Promise<void> {
  await apply(cluster, seedJob(namespace, migrations, posts));
  await kubectl(cluster, [
    "-n",
    namespace,
    "wait",
    "job/blog-seed",
    "--for=condition=complete",
    "--timeout=120s",
  ]).catch(async (error) => {
    const logs = await kubectl(cluster, ["-n", namespace, "logs", "job/blog-seed", "--tail=15"]).then(
      ({ stdout }) => stdout,
      saidBy,
    );
    throw new Failure(`The posts could not be imported: ${saidBy(error)}\n${logs}`);
  });
}

const seedJob = (namespace: string, image: string, posts: number) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  // Without labels of its own a Job gets its pods', and would pass for one of the chart's.
  metadata: { name: "blog-seed", namespace, labels: { "app.kubernetes.io/component": "seed" } },
  spec: {
    backoffLimit: 2,
    activeDeadlineSeconds: 120,
    template: {
      // By this label a policy lets it reach the database.
      metadata: { labels: { "app.kubernetes.io/instance": "blog" } },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "seed",
            image,
            args: ["run", "seed", ...(posts > 0 ? ["--posts", String(posts)] : [])],
            env: [
              {
                name: "DATABASE_URL",
                valueFrom: { secretKeyRef: { name: "blog-app-database", key: "DATABASE_URL" } },
              },
            ],
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      },
    },
  },
});
