import fc from "fast-check";
import { requests, type Sent, writes } from "./requests.ts";
import { type Outcome, send } from "./send.ts";

export interface Fuzz {
  seed: number;
  requests: number;
  writes: number;
  /** How many are under way at one time. */
  atOnce: number;
}

export interface Tally {
  outcomes: Record<Outcome, number>;
  /** What must not happen: an answer of 500 and more, or none. */
  faults: string[];
}

/** Sends what the seed makes, the same each time. */
export async function fuzz(
  url: string,
  { seed, requests: asked, writes: written, atOnce }: Fuzz,
): Promise<Tally> {
  const all = [
    ...fc.sample(writes, { numRuns: written, seed }),
    ...fc.sample(requests, { numRuns: asked, seed: seed + 1 }),
  ].entries();
  const tally: Tally = { outcomes: {} as Tally["outcomes"], faults: [] };
  const sendThem = async () => {
    for (const [n, sent] of all) {
      const outcome = await send(url, sent);
      tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
      if (outcome === "none" || Number(outcome) >= 500)
        tally.faults.push(`${n}: ${describe(sent)}: ${outcome}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sendThem));
  return tally;
}

const describe = ({ method, path, headers, body, cutAt }: Sent) =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${body?.toString("latin1", 0, 300) ?? ""} ${cutAt ?? ""}`;
