import type { ScratchPostgres } from "@schema-rollout/scratch-postgres";
import { withClient } from "./database.ts";

/**
 * A server that has worked for a while writes its log into segments it has used before. A new server fills each one with
 * zeros first, and every commit waits for that: with the load alone hardly ever, with a backfill every two seconds.
 */
export const wornInSettings = { min_wal_size: "1GB" };
const segments = 64;

/** Leaves as many used segments as `min_wal_size` keeps. */
export const wearIn = (server: ScratchPostgres) =>
  withClient(server.adminUrl, async (admin) => {
    for (let i = 0; i < segments; i += 1) {
      await admin.query("SELECT pg_logical_emit_message(false, 'bench', 'so that there is something in it')");
      await admin.query("SELECT pg_switch_wal()");
    }
    await admin.query("CHECKPOINT");
  });
