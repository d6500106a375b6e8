import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import type pg from "pg";
import { onTestFinished } from "vitest";
import { connect, until } from "./database.ts";

export interface ReplicatedServer {
  primary: ScratchPostgres;
  /** A superuser's session on the replica. */
  replica: pg.Client;
}

/** A primary with a streaming replica, copied by hand: the binaries at hand have no pg_basebackup. */
export async function startReplicated(): Promise<ReplicatedServer> {
  const folder = await mkdtemp(join(tmpdir(), "migrator-replica-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const primary = await startPostgres({ dataDir: folder });
  onTestFinished(() => primary.stop());
  const [data, copy] = [join(folder, "data"), join(folder, "replica")];
  const admin = await connect(primary.adminUrl);
  await admin.query("SELECT pg_backup_start('replica', true)");
  await cp(data, copy, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.endsWith("postmaster.pid"),
  });
  const { rows } = await admin.query("SELECT labelfile FROM pg_backup_stop()");
  await writeFile(join(copy, "backup_label"), rows[0].labelfile);
  await writeFile(join(copy, "standby.signal"), "");
  const config = await admin.query("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
  await admin.end();
  const port = await freePort();
  await startStandby(join(config.rows[0].setting, "postgres"), copy, data, port, primary.adminUrl);
  const url = new URL(primary.adminUrl);
  url.port = String(port);
  const replica = await until("the replica", () => connect(url.href).catch(() => undefined));
  replica.on("error", () => undefined);
  return { primary, replica };
}

async function startStandby(program: string, copy: string, data: string, port: number, primaryUrl: string) {
  const { uid, gid } = await stat(data);
  const asServer = process.getuid?.() === 0;
  if (asServer) {
    const owned = spawn("chown", ["-R", `${uid}:${gid}`, copy]);
    await once(owned, "exit");
  }
  const settings = ["listen_addresses=127.0.0.1", `primary_conninfo=${primaryUrl}`, "max_connections=200"];
  const child = spawn(program, ["-D", copy, "-p", String(port), ...settings.flatMap((one) => ["-c", one])], {
    stdio: "ignore",
    ...(asServer && { uid, gid }),
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || !child.kill("SIGINT")) return;
    await once(child, "exit");
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
