import { readdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { doctor } from "../src/doctor.ts";
import { temporaryFolder } from "./temporary.ts";

test("says where each thing will come from and installs nothing", async () => {
  const root = await temporaryFolder();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  const findings = await doctor({ root, ports: [port] });
  const of = (what: string) => findings.find((finding) => finding.what === what);
  expect(of("node")).toMatchObject({ state: "ready" });
  expect(of(`port ${port}`)).toEqual({
    what: `port ${port}`,
    state: "missing",
    detail: "in use on 127.0.0.1",
  });
  for (const tool of ["kind 0.33.0", "kubectl 1.37.2", "helm 4.3.1", "helm3 3.22.0", "k6 1.8.1"])
    expect(of(tool)?.detail).toMatch(/ at \/|official release, checked against/);
  expect(of("cache")?.detail).toBe(`0.0 GiB in ${root}`);
  expect(await readdir(root)).toEqual([]);
});
