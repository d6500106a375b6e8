import type { ConnectionsResult } from "../load/connections.ts";
import type { LedgerResult } from "../load/ledger.ts";
import type { RawLoad } from "../load/raw.ts";
import type { Window } from "../load/statistics.ts";
import type { Evidence, LoadTotals, Phase, PhaseName } from "../load/summary.ts";
import type { Contract } from "./jobs.ts";
import { phase, type Rollout, seconds, type Upgrade } from "./upgrade.ts";

/** What happened when; a move that failed has left nothing. */
export interface Course {
  steadyFrom: number;
  restart?: Rollout;
  orderedAt?: number;
  upgrade?: Upgrade;
  migration?: Window;
  contract?: Contract;
  troubles: string[];
  /** When the first of them ended what was going on. */
  stoppedAt?: number;
}

export function evidenceOf(
  { from, to, rate }: Pick<Evidence, "from" | "to" | "rate">,
  { steadyFrom, restart, orderedAt, upgrade, migration, contract, troubles }: Course,
  raw: RawLoad,
  totals: LoadTotals,
  ledger: LedgerResult,
  connections: ConnectionsResult,
): Evidence {
  const phases: Phase[] = [];
  const add = (name: PhaseName, window: Window | undefined) =>
    window && phases.push(phase(name, window.from, window.to));
  const steadyTo = restart?.startedAt ?? orderedAt;
  add("steady", steadyTo === undefined ? undefined : { from: steadyFrom, to: steadyTo });
  add("plainRestart", restart && { from: restart.startedAt, to: restart.oldGoneAt });
  add("migrating", upgrade && { from: upgrade.startedAt, to: upgrade.openedAt });
  add("migrating", migration && judged(migration));
  add("rollout", upgrade && { from: upgrade.openedAt, to: upgrade.oldGoneAt });
  add("backfill", contract?.backfill && judged(contract.backfill));
  add("contract", contract?.contract && judged(contract.contract));
  return {
    from,
    to,
    rate,
    answers: raw.answers,
    cutOff: raw.cutOff.length,
    unreadableLines: raw.unreadable.length,
    totals,
    ledger,
    connections,
    phases,
    troubles,
    lastOldPodGoneAt: upgrade?.oldGoneAt ?? 0,
    contractEndedAt: contract?.endedAt,
    contractSeconds: upgrade && contract && seconds(upgrade.startedAt, contract.endedAt),
    plainRestartSeconds: restart && seconds(restart.startedAt, restart.readyAt),
    rolloutSeconds: upgrade && seconds(upgrade.openedAt, upgrade.readyAt),
  };
}

/** Work of a few milliseconds, too, is judged by enough requests, those that queued behind it among them. */
const judged = ({ from, to }: Window): Window => ({ from, to: Math.max(to, from + 2_000) });
