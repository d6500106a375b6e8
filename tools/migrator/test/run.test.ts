import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrator, start } from "./support/cli.ts";
import { createDatabase, secret, untilGone, untilRunning } from "./support/database.ts";
import { temporaryFolder } from "./support/folder.ts";

async function commands(files: Record<string, string>): Promise<NodeJS.ProcessEnv> {
  const dir = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  return { COMMANDS_DIR: dir };
}

test("runs the default export with a connected data source and the arguments", async () => {
  const { url, name } = await createDatabase();
  const env = await commands({
    "seed.mjs": `export default async (dataSource, args) => {
      const [{ user }] = await dataSource.query("SELECT current_user AS user");
      return { user, args };
    }`,
    "other.ts": "export default async (_: unknown, args: string[]): Promise<string> => args.join('+');",
  });
  const run = await migrator(["--json", "run", "seed", "posts", "--count", "3"], { url, env });
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual({
    exitCode: 0,
    result: { user: name, args: ["posts", "--count", "3"] },
  });
  const typed = await migrator(["--json", "run", "other", "a", "b"], { url, env });
  expect(JSON.parse(typed.stdout).result).toBe("a+b");
});

test("a command that fails: 20 for its own error, the database's code for the database's", async () => {
  const { url } = await createDatabase();
  const env = await commands({
    "bad.mjs": "export default async () => { throw new Error('no posts found') }",
    "sql.mjs": "export default async (dataSource) => dataSource.query('CREATE ROLE nobody_may')",
    "none.mjs": "export const x = 1",
  });
  const bad = await migrator(["run", "bad"], { url, env });
  expect(bad.code).toBe(20);
  expect(bad.summary.message).toContain("no posts found");
  expect((await migrator(["run", "sql"], { url, env })).code).toBe(31);
  expect((await migrator(["run", "none"], { url, env })).code).toBe(2);
});

test.each(["missing", "../seed", "/etc/passwd"])("there is no command %s: 2", async (name) => {
  const { url } = await createDatabase();
  const run = await migrator(["run", name], { url, env: await commands({}) });
  expect(run.code).toBe(2);
  expect(run.stderr).not.toContain(secret);
});

test("SIGTERM ends it with 143, and the server ends what it was doing", async () => {
  const database = await createDatabase();
  const env = await commands({
    "slow.mjs": "export default (dataSource) => dataSource.query('SELECT pg_sleep(60)')",
  });
  const running = start(["run", "slow"], { url: database.url, env });
  await untilRunning(database, "pg_sleep");
  running.process.kill("SIGTERM");
  expect((await running.finished).code).toBe(143);
  expect(await untilGone(database)).toBeLessThan(5_000);
});
