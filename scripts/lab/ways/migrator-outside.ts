import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Failure } from "../../lib/failure.ts";
import { withDatabaseUrl } from "../../lib/install/database-session.ts";
import { root } from "../../lib/paths.ts";
import type { Place } from "../stand/place.ts";

/** The migrator as a process of the pipeline's machine, which therefore gets the password and a way to the database. */
export async function runOutside(place: Place, release: string): Promise<void> {
  for (const right of ["get secrets", "create pods/portforward, or a network way to the database"])
    place.needed.add(right);
  place.outside.set("the pipeline, outside of the cluster", "blog-migrator-database");
  await withDatabaseUrl(place.cluster, place.namespace, async (url) => {
    const migrations = join(root, "apps/blog/dist", release, "migrations");
    const args = [
      "tools/migrator/bin/migrator.mjs",
      "up",
      "--reader",
      "blog_app",
      "--migrations",
      migrations,
    ];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, DATABASE_URL: url },
      stdio: ["ignore", "ignore", "pipe"],
    });
    place.killOutside = () => void child.kill("SIGKILL");
    let last = "";
    createInterface({ input: child.stderr }).on("line", (line) => {
      last = line;
      place.observer.hear(line);
    });
    const [code, signal] = await once(child, "exit");
    delete place.killOutside;
    if (code !== 0) throw new Failure(`the migrator ended with ${signal ?? `exit code ${code}`}: ${last}`);
  });
}
