import type { Sql } from "../database/session.ts";
import type { Log } from "../log.ts";
import type { LoadedMigration } from "../migrations/types.ts";
import { contractOf, scopeOf } from "./contract.ts";
import { heldClosedBy } from "./gate.ts";
import { type AliveSession, type Audience, describeSessions, processOf } from "./sessions.ts";

export interface Closed {
  /** Who keeps the gate closed; empty while it is clear, but not yet for as long as asked. */
  alive: AliveSession[];
  /** How much longer it must stay clear. */
  soakMs: number;
}

export interface GateWatch {
  /** Looks now. Undefined when the gate is clear and has been all the time it must be. */
  look(migration: LoadedMigration, fresh: boolean): Promise<Closed | undefined>;
  /** Somebody else looked and found these. */
  closedBy(migration: LoadedMigration, alive: AliveSession[]): Closed;
}

/** Looks further apart than this show nothing of what was alive in between. */
const longestGapMs = 3_000;

/** Watches the gates of contracts without touching anything: whether it is worth proposing a floor. */
export function watchGates(
  sql: Sql,
  { audience, soakMs, log }: { audience: Audience; soakMs: number; log: Log },
): GateWatch {
  let watched: { name: string; clearSince: number; lastLook: number } | undefined;
  let told = "";
  let said = false;

  function tell(migration: LoadedMigration, alive: AliveSession[]): void {
    // A pool's sessions come and go; only another process is news.
    const state = JSON.stringify([migration.name, ...new Set(alive.map(processOf))]);
    if (state === told) return;
    told = state;
    const clear = soakMs > 0 ? `clear; to open, it must stay so for ${soakMs / 1000} s` : "open";
    const now = alive.length > 0 ? `closed by ${describeSessions(alive)}` : clear;
    log.info({ migration: migration.name, alive }, `the gate of ${migration.name} is ${now}`);
  }

  function closedBy(migration: LoadedMigration, alive: AliveSession[]): Closed {
    tell(migration, alive);
    watched = undefined;
    return { alive, soakMs };
  }

  return {
    closedBy,
    async look(migration, fresh) {
      if (audience.ignored.length > 0 && !said) {
        said = true;
        log.warn({ roles: audience.ignored }, "sessions of these roles keep no gate closed (--ignore-role)");
      }
      const scope = scopeOf(migration, fresh);
      const alive = await heldClosedBy(sql, { contract: contractOf(migration), audience, scope });
      if (alive.length > 0) return closedBy(migration, alive);
      tell(migration, alive);
      const now = performance.now();
      const unbroken = watched?.name === migration.name && now - watched.lastLook <= longestGapMs;
      const clearSince = unbroken && watched ? watched.clearSince : now;
      watched = { name: migration.name, clearSince, lastLook: now };
      const left = soakMs - (now - clearSince);
      return left > 0 ? { alive, soakMs: left } : undefined;
    },
  };
}
