import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import pg from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { migrator } from "../support/cli.ts";
import { until } from "../support/database.ts";
import { createPosts, migrationsFolder, temporaryFolder } from "../support/folder.ts";
import { type Machine, otherMachine } from "./network.ts";
import { needsRoot } from "./privileged.ts";

/** Of silence, counted from the server's last word; how long the statement that still ends takes; some slack. */
const boundMs = 25_000 + 2_000 + 3_000;

/** What the migrator is doing when its machine vanishes, and how a session in that state looks to others. */
const moments = {
  "a statement runs": { body: `await q.query("SELECT pg_sleep(120)")`, seen: "state = 'active'" },
  "a statement ends soon after, and its answer is never received": {
    body: `await q.query("SELECT pg_sleep(2)")`,
    seen: "state = 'active'",
  },
  "it thinks, in a transaction": {
    body: `await q.query("SELECT 'thinking'"); await new Promise((r) => setTimeout(r, 30_000))`,
    seen: "state = 'idle in transaction' AND query LIKE '%thinking%'",
  },
};

test("a migrator whose machine vanishes without a word: lock free within the keepalive bound, the next one goes on", async (context) => {
  await needsRoot(context, "cutting a network cable");
  const machine = await otherMachine();
  const server = await serverFor(machine);
  const admin = new pg.Pool({ connectionString: server.adminUrl });
  onTestFinished(() => admin.end());

  const works = await Promise.all(
    Object.entries(moments).map(async ([moment, { body, seen }], index) => {
      const name = `moment_${index}`;
      const url = await server.createDatabase(name);
      const there = new URL(url);
      there.hostname = machine.host;
      const dir = await temporaryFolder();
      await writeFile(
        join(dir, "a.mjs"),
        `export class A1700000000000 { async up(q) { await q.query("CREATE TABLE half (id int)"); ${body}; } }`,
      );
      const away = onMachine(machine, there.href, dir);
      await until(`"${moment}"`, async () => {
        const { rowCount } = await admin.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND application_name = 'migrator' AND backend_xid IS NOT NULL AND ${seen}`,
          [name],
        );
        return rowCount === 1;
      });
      return { moment, url, away };
    }),
  );

  // The server acknowledges what it was asked with up to 40 ms delay. What it did not acknowledge is sent again by the
  // client's kernel for a quarter of an hour, which no program of Node can shorten; the lock does not wait for that.
  await new Promise((done) => setTimeout(done, 500));
  await machine.vanish();
  const vanished = performance.now();
  const dir = await migrationsFolder(createPosts);
  await Promise.all(
    works.map(async ({ moment, url, away }) => {
      const next = await migrator(["up", "--wait", "60s"], { url, dir });
      const waited = performance.now() - vanished;
      expect(next.code, `${moment}: ${next.stderr}`).toBe(0);
      expect(next.stderr).toContain("another migrator holds the lock");
      expect(waited, moment).toBeLessThan(boundMs);
      // The one that is cut off does not hang for ever either: it ends, with a code that is worth another try.
      expect(await away, moment).toBe(30);
    }),
  );
}, 120_000);

/** A server that can be reached from the other machine as well. */
async function serverFor({ host }: Machine) {
  const dir = await mkdtemp(join(tmpdir(), "migrator-hba-"));
  const hba = join(dir, "pg_hba.conf");
  await writeFile(hba, `host all all 127.0.0.1/32 password\nhost all all ${host}/30 password\n`);
  await chmod(dir, 0o755);
  const server = await startPostgres({ settings: { listen_addresses: `127.0.0.1,${host}`, hba_file: hba } });
  onTestFinished(async () => {
    await server.stop();
    await rm(dir, { recursive: true });
  });
  return server;
}

/** Runs `up` on the other machine; resolves with its exit code. */
function onMachine(machine: Machine, url: string, dir: string): Promise<number | null> {
  const [program, args] = machine.inside(
    "env",
    `DATABASE_URL=${url}`,
    process.execPath,
    inject("program"),
    "up",
    "--migrations",
    dir,
  );
  const child = spawn(program, args, { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
}
