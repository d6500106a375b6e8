import { setFlagsFromString } from "node:v8";
import * as release from "#release";
import { createApp } from "./app.ts";
import { createDataSource, poolOf } from "./data-source.ts";
import { createDrain } from "./drain.ts";
import { BadEnvironment, readEnv } from "./env.ts";
import { BelowFloor } from "./floor.ts";
import { createLog } from "./log.ts";
import { createMarkdown } from "./markdown/markdown.ts";
import { createRegistry } from "./metrics/registry.ts";
import { measureRequests } from "./metrics/requests.ts";
import { closeMetricsServer, createMetricsServer } from "./metrics/server.ts";
import { reportState } from "./metrics/state.ts";
import { openPresence } from "./presence.ts";
import { levelOf } from "./release.ts";
import { createHttpServer, listen } from "./server.ts";

/**
 * The order of a life: environment, presence and floor, pool, listen; on SIGTERM the same backwards. The metrics are
 * there before it listens, and to the very end.
 */
async function main(): Promise<void> {
  const env = readEnv(process.env);
  const log = createLog(env.LOG_LEVEL, release.version);
  const level = levelOf(release.migrations);
  const features = release.features();
  const leave = (error: Error) => {
    log.fatal(error.message);
    process.exit(codeOf(error));
  };

  const record = { schema: env.RECORD_SCHEMA, table: env.RECORD_TABLE };
  const presence = await openPresence({ url: env.DATABASE_URL, level, log, record, onBelowFloor: leave });
  const db = createDataSource(
    env,
    features.flatMap((feature) => feature.entities),
    level,
    {
      onConnect: presence.check,
      onPoolError: (error) => log.warn({ cause: error.message }, "idle database connection lost"),
    },
  );
  await db.initialize();

  const markdown = createMarkdown(log);
  const app = createApp({
    version: release.version,
    features,
    level,
    db,
    markdown,
    log,
    isDraining: () => drain.draining,
  });
  const server = createHttpServer(app, release.version);
  const drain = createDrain(server);
  const registry = createRegistry(release.version);
  measureRequests(server, registry);
  reportState(registry, {
    server,
    pool: poolOf(db),
    level,
    isDraining: () => drain.draining,
    isPresent: () => presence.open,
  });
  const metrics = createMetricsServer(registry, release.version);
  await listen(metrics, env.METRICS_PORT, "METRICS_PORT");
  await listen(server, env.PORT, "PORT");
  markdown.warm();
  // What is left of large answers is collected once it is a tenth of what is in use; by itself V8 lets it grow to many
  // times that where the machine has the memory. Only now: a code cache fits the flags under which it was written.
  setFlagsFromString("--heap-growing-percent=10");
  log.info({ schemaLevel: level, address: server.address(), metrics: metrics.address() }, "listening");

  const stop = async (signal: string) => {
    if (drain.draining) return;
    log.info({ signal }, `draining for ${env.DRAIN_SECONDS} s`);
    const times = { windowMs: env.DRAIN_SECONDS * 1000, deadlineMs: env.SHUTDOWN_SECONDS * 1000 };
    const cut = await drain.start(times);
    if (cut > 0)
      log.error({ cut }, `requests still running ${env.SHUTDOWN_SECONDS} s after the drain were cut`);
    // Last, because the requests just waited for were using it; and presence after the pool, because as long as
    // this process can touch the database it must be seen there.
    await db.destroy();
    await presence.close();
    // It has no part in any of this, and tells of it to the end.
    await closeMetricsServer(metrics);
    log.info("stopped");
    process.exit(cut > 0 ? 1 : 0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, (name) => stop(name).catch(leave));
}

main().catch((error: unknown) => {
  process.stderr.write(`${sentence(error)}\n`, () => process.exit(codeOf(error)));
});

const codeOf = (error: unknown) => (error instanceof BelowFloor ? BelowFloor.exitCode : 1);

function sentence(error: unknown): string {
  if (error instanceof BelowFloor || error instanceof BadEnvironment) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  // Node.js reports a host whose addresses all refuse as an AggregateError without a message.
  return `The blog cannot start: ${message || code || error}.`;
}
