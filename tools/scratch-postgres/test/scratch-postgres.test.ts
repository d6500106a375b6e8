import { spawnSync } from "node:child_process";
import pg from "pg";
import { expect, test } from "vitest";
import { startPostgres } from "../src/index.ts";

test("starts a real server, creates a database from a template, and is gone after stop", async () => {
  const server = await startPostgres({ settings: { lock_timeout: "1234" } });
  const first = new pg.Client({ connectionString: await server.createDatabase("first") });
  await first.connect();
  await first.query("CREATE TABLE kept (id int)");
  expect((await first.query("SHOW lock_timeout")).rows[0].lock_timeout).toBe("1234ms");
  await first.end();

  const copy = new pg.Client({ connectionString: await server.createDatabase("copy", "first") });
  await copy.connect();
  expect((await copy.query("SELECT to_regclass('kept') AS found")).rows[0].found).toBe("kept");
  await copy.end();

  await server.stop();
  const late = new pg.Client({ connectionString: server.adminUrl });
  await expect(late.connect()).rejects.toThrow(/ECONNREFUSED/);
});

test.each(["15", "18"] as const)("PostgreSQL %s is that version", async (version) => {
  const server = await startPostgres({ version });
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  const { rows } = await client.query("SHOW server_version");
  await client.end();
  await server.stop();
  expect(rows[0].server_version).toMatch(new RegExp(`^${version}\\.`));
});

test.each(["15", "18"])("leaves the exit code of its process alone (%s)", (version) => {
  const program = `
    import { startPostgres } from "./src/index.ts";
    const server = await startPostgres({ version: "${version}" });
    await server.stop();
    process.exitCode = 7;`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: `${import.meta.dirname}/..`,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(7);
});
