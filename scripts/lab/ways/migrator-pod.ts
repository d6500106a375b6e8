import { kubectl } from "../../lib/cluster/access.ts";
import { Failure } from "../../lib/failure.ts";
import { saidBy } from "../../lib/shell.ts";
import type { Place } from "../stand/place.ts";

const name = "blog-migrate";

/** `kubectl run`: the migrator in a pod of no Job, whose end the pipeline waits for and whose exit code it gets. */
export async function runPod(place: Place, release: string): Promise<void> {
  for (const right of ["create pods", "get and watch pods", "create pods/attach", "delete pods"])
    place.needed.add(right);
  const image = place.stage.images.releases[release]?.migrations ?? "";
  const how = [
    "--restart=Never",
    "--attach",
    "--rm",
    "--quiet",
    `--overrides=${JSON.stringify(podOf(image))}`,
  ];
  await kubectl(place.cluster, ["-n", place.namespace, "run", name, `--image=${image}`, ...how]).catch(
    (error) => {
      throw new Failure(`the migrator's pod failed: ${saidBy(error)}`);
    },
  );
}

/** What a namespace that admits restricted pods only wants, and `kubectl run` has no flags for. */
const podOf = (image: string) => ({
  apiVersion: "v1",
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "migrator",
        image,
        args: ["up", "--reader", "blog_app"],
        env: [
          {
            name: "DATABASE_URL",
            valueFrom: { secretKeyRef: { name: "blog-migrator-database", key: "DATABASE_URL" } },
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
});
