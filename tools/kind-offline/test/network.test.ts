import { expect, test } from "vitest";
import { networkScript } from "../src/network.ts";

const nodes = [
  { name: "a", address: "10.89.0.2", podCidr: "10.244.0.0/24" },
  { name: "b", address: "10.89.0.3", podCidr: "10.244.1.0/24" },
  { name: "c", address: "10.89.0.4", podCidr: "10.244.2.0/24" },
] as const;

test("a node's pods get addresses of its own range", () => {
  const script = networkScript(nodes[1], nodes);
  const conflist = JSON.parse(script.slice(script.indexOf("{"), script.lastIndexOf("\nEND")));
  const plugins: { type: string; ipam?: { ranges: unknown } }[] = conflist.plugins;
  expect(plugins.map(({ type }) => type)).toEqual(["ptp", "portmap"]);
  expect(plugins[0]?.ipam?.ranges).toEqual([[{ subnet: "10.244.1.0/24" }]]);
});

test("a node has a route to every other node's pods, and none to its own", () => {
  const routes = networkScript(nodes[0], nodes)
    .split("\n")
    .filter((line) => line.startsWith("ip route"));
  expect(routes).toEqual([
    "ip route replace 10.244.1.0/24 via 10.89.0.3",
    "ip route replace 10.244.2.0/24 via 10.89.0.4",
  ]);
});

test("pods keep their addresses towards each other", () => {
  const rules = networkScript(nodes[0], nodes)
    .split("\n")
    .filter((line) => line.includes("-A SCHEMA-ROLLOUT-MASQ"));
  expect(rules.slice(0, -1).every((rule) => rule.endsWith("-j RETURN"))).toBe(true);
  expect(rules).toHaveLength(nodes.length + 1);
  expect(rules.at(-1)).toMatch(/-s 10\.244\.0\.0\/24 -j MASQUERADE$/);
});
