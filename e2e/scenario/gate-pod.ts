import { CoreV1Api } from "@kubernetes/client-node";
import { apply, kubeConfig, kubectl } from "@schema-rollout/scripts/lib/cluster/access.ts";
import type { Cluster } from "@schema-rollout/scripts/lib/cluster/index.ts";

export interface Gate {
  log(): Promise<string>;
  /** Exit code and termination message once it has ended; undefined while it waits. */
  ended(): Promise<{ exitCode: number; message: string } | undefined>;
  /** What `kubectl describe pod` shows a person. */
  described(): Promise<string>;
}

/** What a namespace of ours admits. */
export const restricted = {
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** As the README of wait-for-job shows it: a pod that waits, before a container that has nothing to do but be there. */
export async function startGate(
  cluster: Cluster,
  {
    namespace,
    image,
    name,
    args,
    account,
  }: {
    namespace: string;
    image: string;
    name: string;
    args: string[];
    account: string;
  },
): Promise<Gate> {
  await apply(cluster, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      serviceAccountName: account,
      automountServiceAccountToken: false,
      initContainers: [
        {
          name: "wait",
          image,
          args,
          securityContext: restricted,
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMounts: [
            {
              name: "api-access",
              mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
              readOnly: true,
            },
          ],
        },
      ],
      containers: [{ name: "app", image, args: ["--help"], securityContext: restricted }],
      volumes: [
        {
          name: "api-access",
          projected: {
            sources: [
              { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
              { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              {
                downwardAPI: {
                  items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }],
                },
              },
            ],
          },
        },
      ],
    },
  });
  const core = kubeConfig(cluster).makeApiClient(CoreV1Api);
  return {
    log: async () =>
      (await kubectl(cluster, ["-n", namespace, "logs", name, "-c", "wait", "--ignore-errors"])).stdout,
    async ended() {
      const { status } = await core.readNamespacedPod({ namespace, name });
      const end = status?.initContainerStatuses?.[0]?.state?.terminated;
      return end && { exitCode: end.exitCode, message: end.message ?? "" };
    },
    described: async () => (await kubectl(cluster, ["-n", namespace, "describe", "pod", name])).stdout,
  };
}

/** An account that may read these Jobs and nothing else, as wait-for-job asks for. */
export const gateAccount = (namespace: string, name: string, jobs: string[]) => [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name, namespace },
    rules: [
      { apiGroups: ["batch"], resources: ["jobs"], resourceNames: jobs, verbs: ["get", "list", "watch"] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  },
];

/** A Job of one container, restricted like every pod of the namespace. */
export const jobOf = (
  namespace: string,
  name: string,
  { image, command, args, spec = {} }: { image: string; command?: string[]; args?: string[]; spec?: object },
) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, namespace },
  spec: {
    backoffLimit: 0,
    ...spec,
    template: {
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 1,
        automountServiceAccountToken: false,
        containers: [
          {
            name: "work",
            image,
            ...(command && { command }),
            ...(args && { args }),
            securityContext: restricted,
          },
        ],
      },
    },
  },
});
