import type { Server } from "node:http";
import { promisify } from "node:util";
import type pg from "pg";
import { Gauge, type Registry } from "prom-client";

export interface State {
  server: Server;
  pool: pg.Pool;
  level: string;
  isDraining: () => boolean;
  isPresent: () => boolean;
}

/** What the process is in at the moment of a scrape: its drain, its connections on both sides, its presence. */
export function reportState(registry: Registry, { server, pool, level, isDraining, isPresent }: State): void {
  const gauge = (name: string, help: string, value: () => number | Promise<number>) =>
    new Gauge({
      name: `blog_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(await value());
      },
    });
  const count = promisify(server.getConnections.bind(server));

  gauge("draining", "1 from SIGTERM on, while clients are sent elsewhere.", () => Number(isDraining()));
  gauge("http_connections", "Open connections of clients, idle ones among them.", () => count());
  gauge("db_pool_max_connections", "Connections the pool may open.", () => pool.options.max ?? 0);
  gauge("db_pool_waiting_requests", "Queries that wait for a connection.", () => pool.waitingCount);
  gauge(
    "db_pool_used_connections",
    "Connections at work or being opened.",
    () => pool.totalCount - pool.idleCount,
  );
  gauge("db_pool_idle_connections", "Open connections with nothing to do.", () => pool.idleCount);
  gauge(
    "presence_session",
    "1 while the session is open by which a migrator sees this process; 0 while it is opened again.",
    () => Number(isPresent()),
  );
  gauge("level", "Timestamp of the last migration that the code knows.", () => Number(level));
}
