import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { $ } from "zx";
import { root } from "../../lib/paths.ts";

/** What the charts set for database.ca.configMap; without it nobody has heard of the authority. */
const known = () => ({ NODE_EXTRA_CA_CERTS: join(folder, "ca.crt") });

let folder: string;
let server: ScratchPostgres;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "database-ca-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    execFileSync("openssl", ["req", "-x509", ...args], { stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(...key, "-keyout", file("ca.key"), "-out", file("ca.crt"), "-subj", "/CN=an authority of its own");
  const leaf = ["-subj", "/CN=postgres", "-addext", "subjectAltName=IP:127.0.0.1"];
  const signer = ["-CA", file("ca.crt"), "-CAkey", file("ca.key")];
  openssl(...key, ...signer, ...leaf, "-keyout", file("tls.key"), "-out", file("tls.crt"));
  // The server runs as another user when we are root, and refuses a key that others can read.
  if (process.getuid?.() === 0) execFileSync("chown", ["-R", "postgres", folder]);
  server = await startPostgres({
    settings: { ssl: "on", ssl_cert_file: file("tls.crt"), ssl_key_file: file("tls.key"), fsync: "off" },
  });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = async (tool: string, args: string[], env: Record<string, string>) => {
  const url = `${server.adminUrl}?sslmode=verify-full`;
  const bin = join(root, "tools", tool, "bin", `${tool}.mjs`);
  const given = { ...process.env, DATABASE_URL: url, ...env };
  return $({ env: given, quiet: true, nothrow: true })`${process.execPath} ${bin} ${args}`;
};

test("the migrator takes a server's own authority from the mounted certificate, and from nothing else", async () => {
  const status = ["status", "--migrations", join(root, "apps/blog/migrations")];
  expect((await run("migrator", status, known())).exitCode).toBe(0);
  const refused = await run("migrator", status, {});
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(/certificate/);
});

test("so does the gate", async () => {
  const gate = ["a-job", "--schema", "Posts1750000000000", "--level", "1750000000000", "--timeout", "4s"];
  const noApi = ["--server", "http://127.0.0.1:1"];
  // Nothing was ever migrated there, so it waits in both cases; the database has answered it in the first only.
  const heard = await run("wait-for-job", [...gate, ...noApi], known());
  expect(heard.stdout).not.toMatch(/certificate/);
  expect(heard.stdout).toMatch(/migrations/);
  const deaf = await run("wait-for-job", [...gate, ...noApi], {});
  expect(deaf.stdout).toMatch(/certificate/);
});
