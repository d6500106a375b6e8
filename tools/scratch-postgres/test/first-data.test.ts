import { chmod, mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { loadEmbedded } from "../src/embedded.ts";
import { initialise } from "../src/first-data.ts";
import { folderForNow } from "../src/folder.ts";
import { startPostgres } from "../src/index.ts";

const newFolder = async () => {
  const folder = await mkdtemp(join(await folderForNow(), "first-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // The user postgres passes.
  await chmod(folder, 0o755);
  return folder;
};

/** New data, by the real initdb where it comes to that; it draws an identifier, which is in this file. */
async function identity(archive: string): Promise<string> {
  const folder = await newFolder();
  const EmbeddedPostgres = await loadEmbedded("18");
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync"],
    onLog: () => {},
  });
  await initialise(server, folder, archive);
  return (await readFile(join(folder, "data/global/pg_control"))).toString("hex");
}

test("the second server begins with what initdb made for the first; an archive that is not whole is made anew", async () => {
  const archive = join(await newFolder(), "archive.tar");
  const first = await identity(archive);
  expect(await identity(archive)).toBe(first);
  await truncate(archive, (await stat(archive)).size / 2);
  const second = await identity(archive);
  expect(second).not.toBe(first);
  expect(await identity(archive)).toBe(second);
});

test("where no archive can be kept, each server has its own data", async () => {
  const archive = join(await newFolder(), "missing/archive.tar");
  expect(await identity(archive)).not.toBe(await identity(archive));
});

test("a server with a password of its own begins with nobody's data", async () => {
  const identifier = async (password?: string) => {
    const server = await startPostgres(password ? { password } : {});
    onTestFinished(() => server.stop());
    const client = new pg.Client({ connectionString: server.adminUrl });
    await client.connect();
    const { rows } = await client.query("SELECT system_identifier AS id FROM pg_control_system()");
    await client.end();
    return rows[0].id;
  };
  // As root the first one ever adds the user postgres, and only the next one knows whose the archive's data is.
  await identifier();
  const usual = await identifier();
  expect(await identifier()).toBe(usual);
  expect(await identifier("its own")).not.toBe(usual);
});
