import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import { requireFreePort } from "./lib/cluster/ports.ts";
import { Failure } from "./lib/failure.ts";
import { artifacts, root } from "./lib/paths.ts";
import { valuesOf } from "./lib/settings/read.ts";
import { sh } from "./lib/shell.ts";
import { verb } from "./lib/verb.ts";

const blog = join(root, "apps/blog");
/** The release that runs from its sources: what `#release` stands for in the blog's package. */
async function newest(): Promise<string> {
  const { imports } = JSON.parse(await readFile(join(blog, "package.json"), "utf8"));
  return parse(imports["#release"]).name;
}

async function migrator(args: string[], env: Record<string, string>) {
  // The sources of all releases lie in one folder, the broken ones too; a build has those of one release.
  const built = join(blog, "dist", await newest());
  const folders = { MIGRATIONS_DIR: join(built, "migrations"), COMMANDS_DIR: join(built, "commands") };
  return sh({ env: { ...process.env, ...folders, ...env } })`migrator ${args}`;
}

/**
 * v3 from its sources, on a local PostgreSQL with the two roles, restarted on every change.
 * The data stays in artifacts/dev.
 */
await verb("dev", async ({ onEnd, signal }) => {
  const { PORT: port = 3000 } = valuesOf(process.env, ["PORT"]);
  await requireFreePort(port, "PORT");
  const dataDir = join(artifacts, "dev");
  await mkdir(dataDir, { recursive: true });
  const server = await startPostgres({ dataDir });
  onEnd(() => server.stop());
  const migratorUrl = server.url("blog", "blog_migrator", "dev");
  const appUrl = server.url("blog", "blog_app", "dev");

  await sh`turbo run build --filter=@schema-rollout/blog --output-logs=errors-only`;
  console.log("Migrating and importing the posts …");
  await migrator(["bootstrap"], {
    DATABASE_URL: server.adminUrl,
    MIGRATOR_DATABASE_URL: migratorUrl,
    APP_DATABASE_URL: appUrl,
  });
  await migrator(["up", "--phase", "all", "--reader", "blog_app"], { DATABASE_URL: migratorUrl });
  await migrator(["run", "seed"], { DATABASE_URL: appUrl });

  console.log(`The blog restarts on every change: http://127.0.0.1:${port}   (Ctrl-C ends it)`);
  const app = spawn(process.execPath, ["--watch", "src/main.ts"], {
    cwd: blog,
    env: { ...process.env, DATABASE_URL: appUrl, PORT: String(port), DRAIN_SECONDS: "0" },
    stdio: "inherit",
  });
  onEnd(async () => {
    if (app.exitCode === null && app.kill("SIGTERM")) await once(app, "exit");
  });
  const [code] = await once(app, "exit");
  if (!signal.aborted && code !== 0) throw new Failure(`The blog ended with exit code ${code}.`, { code: 1 });
  return 0;
});
