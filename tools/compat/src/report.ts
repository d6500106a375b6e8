import { styleText } from "node:util";
import { type Check, isGreen, type Outcome } from "./checks.ts";
import type { Releases } from "./rehearsal.ts";

const signs: Record<Outcome, string> = { green: styleText("green", "✓"), red: styleText("red", "✗") };

/** One line a check, and below it why it is red: at length for the first, since the next ones mostly repeat it. */
export function checkLines({ name, outcome, ms, why, detail }: Check, isFirstRed: boolean): string {
  const line = `${signs[outcome]} ${name.padEnd(52)} ${seconds(ms)}`;
  const reasons = [why, isFirstRed ? detail : undefined].filter((text) => text !== undefined);
  return [line, ...reasons.map((text) => text.replace(/^/gm, "    "))].join("\n");
}

export function verdictLine({ from, to }: Releases, checks: readonly Check[]): string {
  if (isGreen(checks)) {
    return `${styleText("green", "GREEN")} ${from} → ${to}: ${from} goes on working once ${to}'s migrations have run, and after a rollback.`;
  }
  const red = checks.filter(({ outcome }) => outcome === "red");
  return `${styleText("red", "RED")} ${from} → ${to}: do not deploy it. ${red.length} of ${checks.length} checks failed, first: ${red[0]?.name}.`;
}

export const resultOf = (releases: Releases, checks: readonly Check[]) => ({
  ...releases,
  verdict: isGreen(checks) ? "green" : "red",
  checks,
});

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`.padStart(7);
