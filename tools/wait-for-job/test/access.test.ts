import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { findCluster } from "../src/cluster.ts";
import { type ApiServer, type Intercept, refuse, startApiServer } from "./support/api-server.ts";
import { makeAuthority } from "./support/certificates.ts";
import { QUICK, runGate, until } from "./support/gate.ts";
import { complete, job } from "./support/jobs.ts";

const authority = makeAuthority();
const mount = mkdtempSync(join(tmpdir(), "wait-for-job-mount-"));
let api: ApiServer;

beforeEach(async () => {
  api = await startApiServer(authority);
  writeFileSync(join(mount, "token"), "first\n");
  writeFileSync(join(mount, "namespace"), "blog");
  cpSync(authority.caFile, join(mount, "ca.crt"));
});
afterEach(() => api.stop());
afterAll(() => {
  rmSync(authority.folder, { recursive: true });
  rmSync(mount, { recursive: true });
});

const pod = () => ({ KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(api.port) });
const inPod = () => findCluster({}, pod(), mount);
/** Accepts this token only. */
const only =
  (token: string): Intercept =>
  (request, response) =>
    request.token !== token && refuse(401, "Unauthorized")(request, response);

test("in a pod: server, authority, token and namespace come from the service account", async () => {
  api.intercept(only("first"));
  api.apply(job("migrate", {}, { namespace: "blog" }));
  const gate = runGate(inPod());
  await until(() => api.openWatches() === 1);
  api.apply(complete("migrate", { namespace: "blog" }));
  expect((await gate.verdict).line).toBe("Open: Job blog/migrate is Complete.");
  expect(api.connections()).toBe(1);
  expect(api.verbs()).toBe("list watch");
});

test("the flag names another namespace than the pod's", async () => {
  api.apply(complete("migrate", { namespace: "other" }));
  const cluster = findCluster({ namespace: "other" }, pod(), mount);
  expect((await runGate(cluster).verdict).code).toBe(0);
});

test("a server that the authority did not sign is never believed", async () => {
  const stranger = makeAuthority();
  cpSync(stranger.caFile, join(mount, "ca.crt"));
  api.apply(complete("migrate", { namespace: "blog" }));
  const { code, line } = await runGate(inPod(), { timeout: 1_000 }).verdict;
  expect(code).toBe(3);
  expect(line).toContain("certificate");
  expect(api.requests).toEqual([]);
  rmSync(stranger.folder, { recursive: true });
});

test("a rotated authority is read again", async () => {
  const stranger = makeAuthority();
  cpSync(stranger.caFile, join(mount, "ca.crt"));
  api.apply(complete("migrate", { namespace: "blog" }));
  const gate = runGate(inPod());
  await until(() => gate.lines.length > 0);
  cpSync(authority.caFile, join(mount, "ca.crt"));
  expect((await gate.verdict).code).toBe(0);
  rmSync(stranger.folder, { recursive: true });
});

test("authority, server certificate and token rotate while a WATCH is open", async () => {
  const successor = makeAuthority();
  api.intercept(only("first"));
  api.apply(job("migrate", {}, { namespace: "blog" }));
  const gate = runGate(inPod());
  await until(() => api.openWatches() === 1);
  api.certify(successor);
  api.intercept(only("second"));
  cpSync(successor.caFile, join(mount, "ca.crt"));
  writeFileSync(join(mount, "token"), "second");
  api.resetConnections();
  await until(() => api.verbs() === "list watch list watch" && api.openWatches() === 1);
  api.apply(complete("migrate", { namespace: "blog" }));
  expect((await gate.verdict).code).toBe(0);
  expect(gate.lines).toEqual([
    "Job blog/migrate is not finished: 0 active, 0 failed",
    "Job blog/migrate is Complete",
  ]);
  rmSync(successor.folder, { recursive: true });
});

test("a rotated token is read again", async () => {
  api.intercept(only("second"));
  api.apply(complete("migrate", { namespace: "blog" }));
  const gate = runGate(inPod());
  await until(() => gate.lines.length > 0);
  expect(gate.lines).toEqual(["Job blog/migrate may not be listed: 401 Unauthorized; still trying"]);
  writeFileSync(join(mount, "token"), "second");
  expect((await gate.verdict).code).toBe(0);
});

test("a token file that vanishes for a moment is waited for", async () => {
  const cluster = inPod();
  rmSync(join(mount, "token"));
  api.apply(complete("migrate", { namespace: "blog" }));
  const gate = runGate(cluster);
  await until(() => gate.lines.length > 0);
  writeFileSync(join(mount, "token"), "second");
  expect((await gate.verdict).code).toBe(0);
});

test("403 for too long names the rule that is missing", async () => {
  api.intercept(refuse(403, 'jobs.batch "migrate" is forbidden'));
  const began = performance.now();
  const { code, line } = await runGate(inPod()).verdict;
  expect(code).toBe(4);
  expect(performance.now() - began).toBeGreaterThan(QUICK.deniedFor);
  expect(line).toBe(
    'The service account may not list Job blog/migrate (403 jobs.batch "migrate" is forbidden). ' +
      "Missing rule, in a Role of namespace blog bound to it: " +
      'apiGroups: ["batch"], resources: ["jobs"], resourceNames: ["migrate"], verbs: ["get", "list", "watch"]',
  );
});

test("403 on the WATCH alone is just as final, though every LIST works", async () => {
  api.apply(job("migrate", {}, { namespace: "blog" }));
  api.intercept((request, response) => request.verb === "watch" && refuse(403, "no")(request, response));
  const { code, line } = await runGate(inPod()).verdict;
  expect(code).toBe(4);
  expect(line).toContain("may not watch Job blog/migrate");
});

test("401 for too long is about the token", async () => {
  api.intercept(refuse(401, "Unauthorized"));
  const { code, line } = await runGate(inPod()).verdict;
  expect(code).toBe(4);
  expect(line).toContain("does not accept the token (401 Unauthorized)");
});

test.each([
  ["answers late", (respond: () => void) => setTimeout(respond, 700)],
  ["never answers again", () => undefined],
])("refused is final by the clock, not by the number of tries: a server that then %s", async (_, later) => {
  let [refused, firstAt] = [0, 0];
  api.intercept((request, response) => {
    const respond = () => refuse(401, "Unauthorized")(request, response);
    refused += 1;
    if (refused > 1) later(respond);
    else {
      firstAt = performance.now();
      respond();
    }
    return true;
  });
  const { code } = await runGate(inPod()).verdict;
  expect(code).toBe(4);
  expect(performance.now() - firstAt).toBeLessThan(QUICK.deniedFor + 300);
});

test("a refusal whose body never ends is one all the same", async () => {
  api.intercept((_, response) => {
    response.writeHead(403).write("{");
    return true;
  });
  const began = performance.now();
  const { code, line } = await runGate(inPod(), {}, { timing: { ...QUICK, answerWithin: 3_000 } }).verdict;
  expect(performance.now() - began).toBeLessThan(3_000);
  expect([code, line]).toEqual([4, expect.stringContaining("may not list Job blog/migrate (403)")]);
});

test("a token that is refused now and then while it rotates is never final", async () => {
  api.apply(job("migrate", {}, { namespace: "blog" }));
  const [every, rounds] = [6, 8];
  let asked = 0;
  // Of six requests one is accepted: a LIST, and the WATCH after it is the first to be refused again.
  api.intercept((request, response) => {
    if (asked >= every * rounds) return false;
    asked += 1;
    return asked % every !== 0 && refuse(401, "Unauthorized")(request, response);
  });
  const gate = runGate(inPod());
  const began = performance.now();
  await until(() => asked >= every * rounds);
  expect(performance.now() - began).toBeGreaterThan(QUICK.deniedFor);
  api.apply(complete("migrate", { namespace: "blog" }));
  expect((await gate.verdict).code).toBe(0);
});

test("403 that ends in time is only waited out", async () => {
  api.intercept(refuse(403, "not yet"));
  api.apply(complete("migrate", { namespace: "blog" }));
  const gate = runGate(inPod());
  await until(() => api.requests.length >= 2);
  api.intercept();
  expect((await gate.verdict).code).toBe(0);
});

test.each([
  ["no pod and no --server", () => findCluster({}, {}, mount), "name the API server with --server"],
  ["https without a token", () => findCluster({ server: "https://api" }, {}), "needs --token-file"],
  ["no URL", () => findCluster({ server: "api:6443" }, {}), "must be an https:// or http:// address"],
  ["no mounted token", () => findCluster({}, pod(), "/nowhere"), "Is a service account token mounted"],
  [
    "wrong path",
    () => findCluster({ server: "https://api", tokenFile: "/nowhere" }, {}),
    "/nowhere (ENOENT)",
  ],
])("what is missing is said at once: %s", (_, find, sentence) => {
  expect(find).toThrow(sentence);
});

test("an IPv6 service address is put in brackets", () => {
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
  expect(findCluster({}, env, mount).server.origin).toBe("https://[fd00::1]:6443");
});
