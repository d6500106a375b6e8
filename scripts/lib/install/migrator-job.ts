import { apply, kubectl } from "../cluster/access.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../failure.ts";
import { saidBy } from "../shell.ts";
import { Hopeless, whileItCanComeUp } from "./coming-up/index.ts";

export interface MigratorRun {
  /** Name of the Job. */
  name: string;
  /** Image with the migrator and what it is to run. */
  image: string;
  args: string[];
  /** Secret with the URL of the role it runs as. */
  secret: "blog-app-database" | "blog-migrator-database";
  /** Label that says what the Job is for. */
  component: string;
  /** For the message when it fails: "The migrator could not …". */
  purpose: string;
}

/** Runs the migrator once, as a Job of no chart, and waits for its end. One of the same name is made anew. */
export async function runMigrator(cluster: Cluster, namespace: string, run: MigratorRun): Promise<void> {
  const where = ["-n", namespace];
  await kubectl(cluster, [...where, "delete", "job", run.name, "--ignore-not-found"]);
  await apply(cluster, migratorJob(namespace, run));
  const wait = ["wait", `job/${run.name}`, "--for=condition=complete", "--timeout=120s"];
  await whileItCanComeUp(cluster, namespace, { job: run.name }, (signal) =>
    kubectl(cluster, [...where, ...wait], undefined, signal),
  ).catch(async (error) => {
    const words = `The migrator could not ${run.purpose}`;
    if (error instanceof Hopeless) throw new Failure(`${words}: ${error.message}`, { code: error.code });
    const logs = await kubectl(cluster, [...where, "logs", `job/${run.name}`, "--tail=15"]).then(
      ({ stdout }) => stdout,
      saidBy,
    );
    throw new Failure(`${words}: ${saidBy(error)}\n${logs}`);
  });
}

const migratorJob = (namespace: string, { name, image, args, secret, component }: MigratorRun) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  // Without labels of its own a Job gets its pods', and would pass for one of the chart's.
  metadata: { name, namespace, labels: { "app.kubernetes.io/component": component } },
  spec: {
    backoffLimit: 2,
    activeDeadlineSeconds: 120,
    podFailurePolicy: {
      rules: [
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        // As in the chart: of these another try changes nothing.
        {
          action: "FailJob",
          onExitCodes: { containerName: component, operator: "In", values: [2, 20, 21, 22, 24, 31] },
        },
      ],
    },
    template: {
      // By this label a policy lets it reach the database.
      metadata: { labels: { "app.kubernetes.io/instance": "blog" } },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: component,
            image,
            args,
            env: [
              {
                name: "DATABASE_URL",
                valueFrom: { secretKeyRef: { name: secret, key: "DATABASE_URL" } },
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
