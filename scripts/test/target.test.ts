import { expect, test } from "vitest";
import { targetFrom } from "../lib/cluster/target.ts";

test("without settings it is a kind cluster of one node", () => {
  expect(targetFrom({ NODES: "" })).toEqual({
    type: "kind",
    name: "schema-rollout",
    nodes: 1,
    ports: { demo: 8080, e2e: 8081, beside: 8082 },
  });
});

test("an existing cluster needs to know where images go and where the blog answers", () => {
  expect(
    targetFrom({ KUBE_CONTEXT: "prod", REGISTRY: "registry.example:5000/team", URL: "http://blog.example/" }),
  ).toEqual({
    type: "existing",
    context: "prod",
    registry: "registry.example:5000/team",
    url: "http://blog.example",
    nodePort: undefined,
  });
  expect(() => targetFrom({ KUBE_CONTEXT: "prod" })).toThrow(/also give REGISTRY .* and URL/);
  expect(() => targetFrom({ KUBE_CONTEXT: "prod", REGISTRY: "r" })).toThrow(/also give URL/);
});

test.each([
  [{ NODES: "0" }, /NODES=0/],
  [{ PORT: "http" }, /PORT=http/],
  [{ PORT: "9000", E2E_PORT: "9000" }, /must differ/],
  [{ PORT: "9001", E2E_PORT: "9000" }, /must differ/],
  [{ KUBE_CONTEXT: "x", REGISTRY: "https://r", URL: "http://b" }, /REGISTRY=https:\/\/r: .*without a scheme/],
  [{ KUBE_CONTEXT: "x", REGISTRY: "r", URL: "blog" }, /URL=blog/],
])("refuses %o", (env, message) => {
  expect(() => targetFrom(env)).toThrow(message);
});

test("says all faults at once", () => {
  expect(() => targetFrom({ NODES: "ten", PORT: "-1" })).toThrow(/NODES=ten.*\n.*PORT=-1/);
});
