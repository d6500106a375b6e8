import { usage } from "../lib/failure.ts";
import { type StrategyName, strategies } from "./strategies.ts";
import { type Trial, type TrialName, trials } from "./trials.ts";

export interface Choice {
  strategy: StrategyName;
  trial: Trial;
}

/** A strategy named takes its other forms along: startup is with and without a lock. */
const named = (name: string): StrategyName[] =>
  strategies.filter((strategy) => strategy.name === name || strategy.page === name).map(({ name }) => name);

/**
 * The cells to measure: all, or of ONLY=… those of the strategies and trials named there, separated by commas. Strategy
 * by strategy, so that one that is done can be looked at.
 */
export function chosen(only = ""): Choice[] {
  const names = only
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const wantedTrials = names.filter((name): name is TrialName => trials.some((trial) => trial.name === name));
  const unknown = names.find((name) => named(name).length === 0 && !wantedTrials.includes(name as TrialName));
  if (unknown !== undefined) {
    const strategyNames = strategies.map(({ name }) => name).join(", ");
    throw usage(
      `There is no strategy or trial "${unknown}". Strategies: ${strategyNames}. Trials: ${trials.map(({ name }) => name).join(", ")}.`,
    );
  }
  const wantedStrategies = new Set(names.flatMap(named));
  return strategies
    .filter(({ name }) => wantedStrategies.size === 0 || wantedStrategies.has(name))
    .flatMap(({ name }) =>
      trials
        .filter((trial) => wantedTrials.length === 0 || wantedTrials.includes(trial.name))
        .map((trial) => ({ strategy: name, trial })),
    );
}
