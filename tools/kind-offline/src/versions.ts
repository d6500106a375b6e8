/**
 * What the node image is made of. kubeadm decides which CoreDNS, etcd and pause it wants: the build asks it and
 * stops when this table says otherwise.
 */
export const versions = {
  kubernetes: "v1.37.2",
  coredns: "v1.14.6",
  etcd: "3.7.0-0",
  pause: "3.10.2",
  containerd: "v2.3.7",
  localPathProvisioner: "v0.0.30",
  kind: "v0.33.0",
} as const;

/** Its systemd 252 is the last of Debian that boots on cgroup v1. */
export const debianSuite = "bookworm";

/**
 * Images for machines that reach a registry, by digest alone: podman takes no reference with both tag and digest.
 * The first one is the default of this kind (its pkg/apis/config/defaults/image.go); a test compares them.
 */
export const published = {
  /** v1.37.0 */
  kindNode: "docker.io/kindest/node@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
  /** nodejs24-debian12:nonroot */
  node: "gcr.io/distroless/nodejs24-debian12@sha256:14d42e2511532589a7c7e01a753667a74fcc96266e137e8125006b87b0c32d0a",
  /** 18.4-bookworm */
  postgres:
    "docker.io/library/postgres@sha256:1961f96e6029a02c3812d7cb329a3b03a3ac2bb067058dec17b0f5596aca9296",
} as const;
