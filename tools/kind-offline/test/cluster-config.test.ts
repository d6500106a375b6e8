import { expect, test } from "vitest";
import { parse } from "yaml";
import { clusterConfig } from "../src/index.ts";

const ports = [
  { hostPort: 8080, nodePort: 30080 },
  { hostPort: 8081, nodePort: 30081 },
];

test("ports are published on 127.0.0.1 alone, by the control plane", () => {
  const config = parse(clusterConfig({ nodes: 3, ports, offline: false, cgroupV1: false }));
  expect(config.nodes.map(({ role }: { role: string }) => role)).toEqual([
    "control-plane",
    "worker",
    "worker",
  ]);
  expect(config.nodes[0].extraPortMappings).toEqual([
    { containerPort: 30080, hostPort: 8080, listenAddress: "127.0.0.1", protocol: "TCP" },
    { containerPort: 30081, hostPort: 8081, listenAddress: "127.0.0.1", protocol: "TCP" },
  ]);
  expect(config.nodes[1]).toEqual({ role: "worker" });
});

test("kind's own image keeps kind's network, and of kubelet's defaults all but who may use an image", () => {
  const config = parse(clusterConfig({ nodes: 1, ports, offline: false, cgroupV1: false }));
  expect(Object.keys(config)).toEqual(["kind", "apiVersion", "kubeadmConfigPatches", "nodes"]);
  expect(parse(config.kubeadmConfigPatches[0])).toEqual({
    kind: "KubeletConfiguration",
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    imagePullCredentialsVerificationPolicy: "NeverVerify",
  });
});

test("the image built here brings no network", () => {
  const config = parse(clusterConfig({ nodes: 1, ports, offline: true, cgroupV1: false }));
  expect(config.networking).toEqual({ disableDefaultCNI: true });
});

test("on cgroup v1 kubelet is told to accept it", () => {
  const config = parse(clusterConfig({ nodes: 1, ports, offline: false, cgroupV1: true }));
  expect(parse(config.kubeadmConfigPatches[0])).toMatchObject({
    kind: "KubeletConfiguration",
    failCgroupV1: false,
  });
});
