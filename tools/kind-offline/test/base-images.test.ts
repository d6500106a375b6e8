import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, resolveEngine } from "@schema-rollout/toolchain";
import { execa } from "execa";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BaseImages, baseImages } from "../src/index.ts";
import { run } from "../src/run.ts";

// The images this machine uses: built here where no registry is reached, else the published ones. Both must hold.
let engine: Engine;
let images: BaseImages;
beforeAll(async () => {
  engine = await resolveEngine();
  images = await baseImages({ engine });
}, 600_000);

const ask = (...args: string[]) => run(engine.path, args, { env: engine.env });

describe("the Node image", () => {
  test("starts Node 24 as nonroot, in /app", async () => {
    const script = "console.log(process.version, process.getuid(), process.getgid(), process.cwd())";
    const said = await ask("run", "--rm", "--network=none", images.node, "-e", script);
    expect(said).toMatch(/^v24\.\d+\.\d+ 65532 65532 \/app$/);
  });

  test("has certificates, time zones and a name for its user", async () => {
    const script = `
      const [os, tls, fs] = ["os", "tls", "fs"].map((name) => require(name));
      const zone = new Date(0).toLocaleString("en-GB", { timeZone: "Asia/Tokyo" });
      const found = fs.readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8").match(/BEGIN/g).length;
      console.log(os.userInfo().username, zone, found > 100, fs.existsSync("/usr/share/zoneinfo/Asia/Tokyo"));`;
    const said = await ask("run", "--rm", "--network=none", images.node, "-e", script);
    expect(said).toBe("nonroot 01/01/1970, 09:00:00 true true");
  });

  test("has no shell and no package manager", async () => {
    const script = `
      const fs = require("fs");
      const folders = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/nodejs/bin"];
      console.log(JSON.stringify(folders.filter(fs.existsSync).flatMap((folder) => fs.readdirSync(folder))));`;
    const said = await ask("run", "--rm", "--network=none", images.node, "-e", script);
    const programs: string[] = JSON.parse(said);
    expect(programs).toContain("node");
    const unwanted = ["sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "perl", "npm"];
    expect(programs.filter((name) => unwanted.includes(name))).toEqual([]);
    const shell = ["run", "--rm", "--network=none", "--entrypoint", "/bin/sh", images.node, "-c", "true"];
    expect((await execa(engine.path, shell, { env: engine.env, reject: false })).exitCode).toBe(127);
  });
});

describe("the PostgreSQL image", () => {
  const container = `schema-rollout-test-${randomUUID().slice(0, 8)}`;
  const env = ["POSTGRES_PASSWORD=it's a secret", "POSTGRES_USER=admin", "POSTGRES_DB=blog"];
  const database = { host: "127.0.0.1", user: "admin", database: "blog", password: "it's a secret" };

  beforeAll(async () => {
    // As charts run it: a user without a name, and nothing to write to but what is mounted.
    const hardened = ["--read-only", "--cap-drop=ALL", "--user=1234:1234"];
    const mounts = ["/tmp", "/var/run/postgresql:mode=1777"];
    await ask(
      ...["run", "--detach", "--name", container, "--publish", "127.0.0.1::5432", ...hardened],
      ...mounts.flatMap((mount) => ["--tmpfs", mount]),
      ...["--volume", `${container}:/var/lib/postgresql`],
      ...env.flatMap((one) => ["--env", one]),
      ...[images.postgres, "postgres", "-c", "max_connections=17"],
    );
  });
  afterAll(async () => {
    await ask("rm", "--force", container);
    await ask("volume", "rm", container);
  });

  async function port(): Promise<number> {
    const line = (await ask("port", container, "5432/tcp")).split("\n")[0] ?? "";
    return Number(line.split(":").at(-1));
  }

  async function connect(password = database.password): Promise<pg.Client> {
    const client = new pg.Client({ ...database, password, port: await port() });
    await client.connect();
    return client;
  }

  async function query(text: string): Promise<Record<string, unknown>[]> {
    const client = await connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  async function listening(): Promise<void> {
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(200)) {
      const fault = await query("SELECT 1").catch((error) => error);
      if (Array.isArray(fault)) return;
    }
    throw new Error(`PostgreSQL did not start:\n${await ask("logs", container)}`);
  }

  test("makes its data folder and the database asked for, and takes settings as arguments", async () => {
    await listening();
    const [row] = await query(
      "SELECT current_user AS role, current_database() AS db, current_setting('max_connections') AS connections, current_setting('server_version_num')::int / 10000 AS major, current_setting('server_encoding') AS encoding",
    );
    expect(row).toEqual({ role: "admin", db: "blog", connections: "17", major: 18, encoding: "UTF8" });
  });

  test("asks for the password from outside", async () => {
    await listening();
    await expect(connect("wrong")).rejects.toMatchObject({ code: "28P01" });
  });

  test("is stopped at once although a client is connected, and keeps what was written", async () => {
    await listening();
    const client = await connect();
    client.on("error", () => undefined);
    await client.query("CREATE TABLE kept AS SELECT 1 AS one");
    const before = Date.now();
    await ask("stop", "-t", "30", container);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(await ask("inspect", "--format", "{{.State.ExitCode}}", container)).toBe("0");
    await ask("start", container);
    await listening();
    expect(await query("SELECT one FROM kept")).toEqual([{ one: 1 }]);
  });

  test("says what is missing without a password", async () => {
    const { exitCode, stderr } = await execa(engine.path, ["run", "--rm", images.postgres], {
      env: engine.env,
      reject: false,
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("POSTGRES_PASSWORD");
  });
});
