import type { Kind } from "./campaign.ts";
import type { Cut, Place } from "./cuts.ts";
import { cuts } from "./cuts.ts";
import { freezeOnce } from "./freezes.ts";
import { killOnce } from "./kills.ts";
import { anywhere, moments } from "./moments.ts";
import type { Network } from "./network.ts";
import { randomFrom } from "./random.ts";
import { situations } from "./situations.ts";
import type { Ground } from "./trial.ts";

/** Each moment its share. */
export const killKinds = (kills: number, seed: number, ground: Ground): Kind[] =>
  [...moments, anywhere]
    .map((moment) => ({
      name: `kill/${moment.name}`,
      wanted: Math.round((kills * moment.share) / 100),
      attempt: (name: string) => killOnce(ground, moment, name, randomFrom(`${seed} ${name}`)),
    }))
    .filter(({ wanted }) => wanted > 0);

/** Each cut in each situation, as evenly as the number allows, in an order of chance. */
export function freezeKinds(
  freezes: number,
  seed: number,
  ground: Ground,
  network: Network | undefined,
): Kind[] {
  const random = randomFrom(`${seed} freezes`);
  const all = cuts
    .filter(({ packets }) => !packets || network !== undefined)
    .flatMap((cut) => situations.map((situation) => ({ cut, situation, at: random.next(), wanted: 0 })))
    .sort((a, b) => a.at - b.at);
  for (let i = 0; i < freezes; i += 1) {
    const one = all[i % all.length];
    if (one !== undefined) one.wanted += 1;
  }
  return all
    .filter(({ wanted }) => wanted > 0)
    .map(({ cut, situation, wanted }) => ({
      name: `freeze/${cut.name}/${situation.name}`,
      wanted,
      attempt: (name, lane) =>
        freezeOnce(
          ground,
          { cut, situation, name },
          placeOf(cut, network, lane),
          randomFrom(`${seed} ${name}`),
        ),
    }));
}

function placeOf({ packets }: Cut, network: Network | undefined, lane: number): Place | undefined {
  const machine = network?.machines[lane];
  return packets && network && machine ? { network, machine } : undefined;
}
