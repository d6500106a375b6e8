import pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { migrations } from "#release";
import { BelowFloor, refuseBelowFloor } from "../src/floor.ts";
import { levelOf } from "../src/release.ts";
import { createDatabase, sql } from "./setup/database.ts";
import { spawnBlog, startBlogProcess, waitFor } from "./setup/process.ts";
import { startProxy } from "./setup/proxy.ts";

const level = BigInt(levelOf(migrations));
let url: string;

beforeEach(async () => {
  url = await createDatabase("v3");
});

const createFloor = () =>
  sql(
    url,
    "CREATE TABLE migrations_floor (floor bigint NOT NULL, contract text NOT NULL, state text NOT NULL)",
  );
const setFloor = (floor: bigint, state = "final") =>
  sql(url, "INSERT INTO migrations_floor VALUES ($1, 'DropBody1780000000000', $2)", [floor, state]);
const sessions = () =>
  sql<{ pid: number; query: string }>(
    url,
    `SELECT pid, query FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'blog@${level}' AND query ~ 'migrations_floor'`,
  );
/** Ends the presence session only. */
const cut = () => sql(url, "SELECT pg_terminate_backend($1)", [presencePid]);
/** Ends every session of the blog. */
const cutAll = () =>
  sql(
    url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^blog@'",
  );
let presencePid = 0;
const findPresence = () =>
  waitFor(async () => {
    const pid = (await sessions()).find((session) => session.pid !== presencePid)?.pid;
    if (pid !== undefined) presencePid = pid;
    return pid;
  });

describe("at start", () => {
  it.each(["proposed", "final"])(
    "a %s floor above its level sends the process away, before it listens",
    async (state) => {
      await createFloor();
      await setFloor(level + 1n, state);
      const blog = spawnBlog(url);
      expect(await blog.exited).toBe(24);
      expect(blog.output().trim().split("\n")).toEqual([
        `This release knows the schema up to ${level}, but the database needs ${level + 1n} or later ` +
          `(contract DropBody1780000000000, ${state}): deploy a newer release.`,
      ]);
    },
  );

  it("a floor is looked for in the schema it is in, whatever the search_path, and one that may not be read is no way in", async () => {
    await sql(
      url,
      `CREATE SCHEMA "Ops"; CREATE TABLE "Ops"."My Record_floor" AS SELECT '${level + 1n}'::bigint AS floor, 'C' AS contract, 'final' AS state`,
    );
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const record = { schema: "Ops", table: "My Record" };
    try {
      await expect(refuseBelowFloor(client, String(level), record)).rejects.toThrow(BelowFloor);
      await client.query("SET ROLE pg_read_all_stats");
      await expect(refuseBelowFloor(client, String(level), record)).rejects.toThrow(
        "permission denied for schema",
      );
    } finally {
      await client.end();
    }
  });

  it("a floor at its own level lets it in, and its session can be seen", async () => {
    await createFloor();
    await setFloor(level);
    const blog = await startBlogProcess(url);
    await findPresence();
    expect(await blog.stop()).toBe(0);
    await waitFor(async () => ((await sessions()).length === 0 ? true : undefined));
  });
});

describe("when its session is cut", () => {
  it("it goes on serving, opens another, and asks again", async () => {
    const blog = await startBlogProcess(url);
    await findPresence();
    await cut();
    expect((await fetch(`${blog.url}/api/posts`)).status).toBe(200);
    await findPresence();
    expect(await blog.stop()).toBe(0);
  });

  it("it leaves if the floor has risen meanwhile", async () => {
    await createFloor();
    const blog = await startBlogProcess(url);
    await findPresence();
    await setFloor(level + 1n, "proposed");
    await cut();
    expect(await blog.exited).toBe(24);
    expect(blog.output()).toMatch("deploy a newer release");
  });
});

describe("while its session cannot be opened again", () => {
  /** Only the pool sets a statement_timeout, by which a proxy can tell the two. */
  async function startCutOff() {
    let refusing = false;
    const isPresence = (startup: string) => !startup.includes("statement_timeout");
    const proxy = await startProxy(url, { refuse: (startup) => refusing && isPresence(startup) });
    const blog = await startBlogProcess(proxy.url);
    await findPresence();
    refusing = true;
    return blog;
  }
  it("new connections of the pool ask for the floor, and it leaves if that has risen", async () => {
    await createFloor();
    const blog = await startCutOff();
    await setFloor(level + 1n, "proposed");
    await cutAll();
    await waitFor(() => (/not yet open again/.test(blog.output()) ? true : undefined));
    const answer = await fetch(`${blog.url}/api/posts`).catch(() => undefined);
    expect(answer?.status).not.toBe(200);
    expect(await blog.exited).toBe(24);
    expect(blog.output()).toMatch("deploy a newer release");
  });

  it("it goes on serving where the floor allows it", async () => {
    await createFloor();
    await setFloor(level);
    const blog = await startCutOff();
    await cutAll();
    await waitFor(() => (/not yet open again/.test(blog.output()) ? true : undefined));
    for (let n = 0; n < 3; n++) expect((await fetch(`${blog.url}/api/posts`)).status).toBe(200);
    expect(await blog.stop()).toBe(0);
  });
});

describe("while it does not know yet that its session is lost", () => {
  it("a new connection of the pool asks for the floor all the same", async () => {
    await createFloor();
    const proxy = await startProxy(url);
    const blog = await startBlogProcess(proxy.url, { STATEMENT_TIMEOUT_MS: "500" });
    await findPresence();
    expect((await fetch(`${blog.url}/api/posts`)).status).toBe(200);
    // The server has no session of it any more, so a migrator sees nobody; the blog has heard of none of this.
    proxy.silence();
    await cutAll();
    await setFloor(level + 1n);
    // The first finds out that its connection answers no more, the second needs a new one.
    for (let n = 0; n < 2; n++) {
      const answer = await fetch(`${blog.url}/api/posts`).catch(() => undefined);
      expect(answer?.status).not.toBe(200);
    }
    expect(await blog.exited).toBe(24);
    expect(blog.output()).toMatch("deploy a newer release");
    expect(blog.output()).not.toMatch("presence session lost");
  });
});

describe("what is wrong with the surroundings", () => {
  it("is said all at once, and without the secret", async () => {
    const blog = spawnBlog("mysql://user:hunter2@host/db", { PORT: "http", DRAIN_SECONDS: "-1" });
    expect(await blog.exited).toBe(1);
    for (const name of ["DATABASE_URL", "PORT", "DRAIN_SECONDS"]) expect(blog.output()).toMatch(name);
    expect(blog.output()).not.toMatch("hunter2");
  });

  it("is one sentence where the database cannot be reached or refuses the login", async () => {
    const nobody = spawnBlog("postgres://user:hunter2@127.0.0.1:9/db");
    const refused = spawnBlog(url.replace("postgres:postgres@", "postgres:hunter2@"));
    for (const blog of [nobody, refused]) {
      expect(await blog.exited).toBe(1);
      expect(blog.output().trim()).toMatch(/^The blog cannot start: .+$/);
      expect(blog.output()).not.toMatch("hunter2");
    }
  });

  it("is one sentence where a connection pooler hides its session from the migrator", async () => {
    const pooler = await startProxy(url, {
      fromServer: (chunk) => {
        // BackendKeyData: 'K', length 12, process id, secret. A pooler makes up its own.
        const at = chunk.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
        if (at >= 0) chunk.writeInt32BE(4_242_424, at + 5);
        return chunk;
      },
    });
    const blog = spawnBlog(pooler.url);
    expect(await blog.exited).toBe(1);
    expect(blog.output().trim()).toMatch(/^The blog cannot start: .*connection pooler.+\.$/);
  });

  it("is one sentence where the port is taken", async () => {
    const first = await startBlogProcess(url);
    const second = spawnBlog(url, { PORT: new URL(first.url).port });
    expect(await second.exited).toBe(1);
    expect(second.output().trim()).toMatch(/^The blog cannot start: port \d+ is in use.*$/);
    await first.stop();
  });
});
