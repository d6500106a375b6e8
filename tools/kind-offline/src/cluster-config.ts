/** A port of 127.0.0.1 that leads to a NodePort of the cluster. */
export interface PortMapping {
  hostPort: number;
  nodePort: number;
}

export interface ClusterOptions {
  /** 1 is a control plane alone; more adds workers. */
  nodes: number;
  ports: readonly PortMapping[];
  /** The node image is the one built here: it brings no network, `finishNetwork` sets it up. */
  offline: boolean;
  /** The machine has cgroup v1, which kubelet only accepts when told to. */
  cgroupV1: boolean;
}

/** kind's configuration for the cluster, as YAML. */
export function clusterConfig({ nodes, ports, offline, cgroupV1 }: ClusterOptions): string {
  const lines = [
    "kind: Cluster",
    "apiVersion: kind.x-k8s.io/v1alpha4",
    ...(offline ? ["networking:", "  disableDefaultCNI: true"] : []),
    "kubeadmConfigPatches:",
    "  - |",
    "    kind: KubeletConfiguration",
    "    apiVersion: kubelet.config.k8s.io/v1beta1",
    // An image that is loaded here may have been pulled under another name before: by itself the kubelet would then pull it
    // again, to see who may use it, from where it cannot be had. On this cluster everybody may use every image.
    "    imagePullCredentialsVerificationPolicy: NeverVerify",
    ...(cgroupV1 ? ["    failCgroupV1: false"] : []),
    "nodes:",
    "  - role: control-plane",
    "    extraPortMappings:",
    ...ports.flatMap(({ hostPort, nodePort }) => [
      `      - containerPort: ${nodePort}`,
      `        hostPort: ${hostPort}`,
      // Never on an address other machines reach: the demo has no login.
      '        listenAddress: "127.0.0.1"',
      "        protocol: TCP",
    ]),
    ...Array.from({ length: nodes - 1 }, () => "  - role: worker"),
  ];
  return `${lines.join("\n")}\n`;
}
