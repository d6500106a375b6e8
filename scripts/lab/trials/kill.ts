import { setTimeout as sleep } from "node:timers/promises";
import { onControlPlane } from "../../lib/cluster/control-plane.ts";
import { Failure } from "../../lib/failure.ts";
import type { Place } from "../stand/place.ts";

/** CREATE INDEX CONCURRENTLY waits for an old snapshot, with an invalid index there. No table is locked: other steps go on. */
const longTransaction = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1";
const building = `SELECT 1 FROM pg_stat_activity
  WHERE datname = current_database() AND state = 'active' AND query LIKE 'CREATE INDEX CONCURRENTLY%'`;
/** So long the transaction lasts once the migrator is dead: a database must notice by itself. */
const afterwardsMs = 3_000;

/**
 * Kills the migrator while it builds an index, with SIGKILL and not by removing its pod: nobody is told. The transaction
 * that makes it wait begins before the order and ends some seconds after the kill.
 */
export function killMidway(place: Place): { meanwhile(): Promise<void>; killed(): Promise<void> } {
  let over = false;
  const meanwhile = () =>
    place.session(async (client) => {
      await client.query(longTransaction);
      await place.session(async (watcher) => {
        const deadline = Date.now() + 60_000;
        while ((await watcher.query(building)).rowCount === 0) {
          if (over || Date.now() > deadline)
            throw new Failure("no index was built that could be interrupted");
          await sleep(100);
        }
      });
      await kill(place);
      await sleep(afterwardsMs);
      await client.query("COMMIT");
    });
  return {
    meanwhile,
    async killed() {
      over = true;
    },
  };
}

async function kill(place: Place): Promise<void> {
  if (place.killOutside) return place.killOutside();
  // All of them but the one that looks for itself: with brackets the pattern does not match its own command.
  await onControlPlane(place.cluster, "pkill -KILL -f '[m]igrator.mjs up|[l]ockless.mjs'");
}
