import type { Fleet } from "./fleet.ts";
import type { Reaction, Start } from "./reaction.ts";

export interface Results {
  readonly date: string;
  readonly machine: {
    readonly processor: string | undefined;
    readonly cores: number;
    readonly memoryMb: number;
  };
  readonly versions: {
    readonly node: string;
    readonly kubectl: string;
    readonly postgres: string | undefined;
  };
  readonly reactions: readonly Reaction[];
  readonly start: Start;
  readonly fleet: Fleet;
  readonly bundle: { readonly kbWithoutPg: number; readonly kbWithPg: number };
}

export const bounds = {
  reactionMs: 30,
  reactionWithSchemaMs: 80,
  /** Of the time a bare Node takes. */
  startRatio: 2,
  peakMb: 60,
  kbWithoutPg: 60,
  kbWithPg: 300,
  fleetMs: 2_000,
};

/** What did not hold, in words. */
export function judge({ reactions, start, fleet, bundle }: Results): string[] {
  const p99 = (name: Reaction["name"]) => of(name)?.reactionMs.p99 ?? Number.NaN;
  const of = (name: Reaction["name"]) => reactions.find((one) => one.name === name);
  const most = (what: string, measured: number, bound: number, unit = "") =>
    // Not a number is no bound held.
    measured <= bound ? [] : [`${what}: ${measured}${unit}, at most ${bound}${unit} is promised`];
  const [plain, schema] = ["wait-for-job", "wait-for-job --schema"] as const;
  return [
    ...most("p99 from Complete to exit", p99(plain), bounds.reactionMs, " ms"),
    ...most("p99 from Complete to exit, with --schema", p99(schema), bounds.reactionWithSchemaMs, " ms"),
    ...most("start to first WATCH, in starts of a bare Node", start.ratio, bounds.startRatio),
    ...most("peak memory", of(plain)?.peakMb ?? Number.NaN, bounds.peakMb, " MB"),
    ...most("peak memory, with --schema", of(schema)?.peakMb ?? Number.NaN, bounds.peakMb, " MB"),
    ...most("requests of one gate", of(plain)?.requests.max ?? Number.NaN, 2),
    ...most("bundle without pg", bundle.kbWithoutPg, bounds.kbWithoutPg, " KB"),
    ...most("bundle with pg", bundle.kbWithPg, bounds.kbWithPg, " KB"),
    ...most(`the last of ${fleet.gates} gates opens after`, fleet.lastMs, bounds.fleetMs, " ms"),
    ...most("LISTs of one gate of the fleet", fleet.lists, 1),
    ...most("WATCHes of one gate of the fleet", fleet.watches, 1),
  ];
}
