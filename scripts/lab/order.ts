import type { Choice } from "./selection.ts";
import { moves } from "./trials/moves.ts";

/** The trials of the same strategy that go on where this one leaves off. */
export const following = ({ strategy, trial }: Choice, among: readonly Choice[]): Choice[] =>
  among.filter((other) => other.strategy === strategy && moves[other.trial.name].follows === trial.name);

/** Each with those right after it that follow it. */
export const inOrder = (choices: readonly Choice[]): Choice[] => {
  const later = new Set(choices.flatMap((choice) => following(choice, choices)));
  return choices
    .filter((choice) => !later.has(choice))
    .flatMap((choice) => [choice, ...following(choice, choices)]);
};
