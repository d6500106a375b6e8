import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createApp } from "../../src/app.ts";
import { createDataSource } from "../../src/data-source.ts";
import { readEnv } from "../../src/env.ts";
import { createLog } from "../../src/log.ts";
import { createMarkdown } from "../../src/markdown/markdown.ts";
import { levelOf } from "../../src/release.ts";
import { createHttpServer } from "../../src/server.ts";
import { type ReleaseName, releases } from "./database.ts";

/** What is tested here must not depend on how busy the machine is. */
export const patient = { runMs: 30_000, startMs: 30_000, waitMs: 30_000, waiting: 50 };

export interface RunningBlog {
  url: string;
  close(): Promise<void>;
}

/** The real application of a release on a real socket, in this process. */
export async function startBlog(name: ReleaseName, databaseUrl: string): Promise<RunningBlog> {
  const release = releases[name];
  const features = release.features();
  const level = levelOf(release.migrations);
  const env = readEnv({ DATABASE_URL: databaseUrl });
  const entities = features.flatMap((feature) => feature.entities);
  const db = createDataSource(env, entities, level, { onConnect: async () => {}, onPoolError: () => {} });
  await db.initialize();
  const log = createLog("silent", release.version);
  const markdown = createMarkdown(log, patient);
  const version = release.version;
  const app = createApp({ version, features, level, db, markdown, log, isDraining: () => false });
  const server = createHttpServer(app, version);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await markdown.close();
      await db.destroy();
    },
  };
}
