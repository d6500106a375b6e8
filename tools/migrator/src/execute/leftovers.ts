import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "../database/session.ts";
import type { Run } from "../database/traffic.ts";
import { firstFault, turn } from "../faults.ts";
import type { Log } from "../log.ts";

/**
 * A forgotten `await`: the migration has ended, and a statement of it is still on its way. It is part of the migration: it
 * is waited for, and what it fails with is the migration's failure. What comes later still is refused (see traffic.ts).
 */
export async function waitForLeftovers({ traffic }: Session, run: Run, log: Log): Promise<void> {
  let told = false;
  for (await turn(); traffic.left(run); await turn()) {
    if (!told)
      log.warn("it ended without waiting for a statement of its own (a forgotten await?); waiting for it");
    told = true;
    await sleep(5);
  }
  run.ended = true;
  throwFault();
}

export function throwFault(): void {
  const fault = firstFault();
  if (fault !== undefined) throw fault.error;
}
