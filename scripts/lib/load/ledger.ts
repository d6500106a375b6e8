import type { Stored } from "./adapter.ts";
import type { RawLoad } from "./raw.ts";

export interface LedgerResult {
  acknowledgedWrites: number;
  /** Acknowledged but not there (or an acknowledged delete that is there again). */
  lostWrites: number;
  /** One acknowledged write, stored more than once. */
  duplicatedWrites: number;
  /** There, with a content that was never the last acknowledged one nor one that may have followed it. */
  alteredWrites: number;
  /** The first few of each, for people. */
  examples: string[];
}

type State = { body: string } | "deleted";
interface Entry {
  acknowledged?: State;
  /** Sent, never answered: each may or may not have happened. */
  possible: State[];
}

/** Holds every acknowledged write against what the service says afterwards; only counts them where it says nothing. */
export function judgeLedger(raw: RawLoad, stored: Stored[] | undefined): LedgerResult {
  const { entries, acknowledgedWrites } = replay(raw);
  const result: LedgerResult = {
    acknowledgedWrites,
    lostWrites: 0,
    duplicatedWrites: 0,
    alteredWrites: 0,
    examples: [],
  };
  if (!stored) return result;
  const byToken = group(stored);
  const note = (text: string) => result.examples.length < 10 && result.examples.push(text);

  for (const [token, entry] of entries) {
    const found = byToken.get(token) ?? [];
    const mayBeGone =
      entry.acknowledged === undefined ||
      entry.acknowledged === "deleted" ||
      entry.possible.includes("deleted");
    if (found.length > 1) {
      result.duplicatedWrites += found.length - 1;
      note(
        `duplicated: ${token} is stored ${found.length} times (${found.map((post) => post.id).join(", ")})`,
      );
    }
    const post = found[0];
    if (!post) {
      if (mayBeGone) continue;
      result.lostWrites++;
      note(`lost: ${token} was acknowledged and is not there`);
    } else if (!allowed(entry).some((state) => state !== "deleted" && state.body === post.body)) {
      if (entry.acknowledged === "deleted") {
        result.lostWrites++;
        note(`lost: the acknowledged delete of ${token} did not last`);
      } else {
        result.alteredWrites++;
        note(`altered: ${token} reads "${post.body.slice(0, 80)}"`);
      }
    }
  }
  return result;
}

const allowed = (entry: Entry) =>
  entry.acknowledged ? [entry.acknowledged, ...entry.possible] : entry.possible;

function replay(raw: RawLoad) {
  const entries = new Map<string, Entry>();
  const pending = new Map<string, State>();
  const entryOf = (token: string) => {
    const entry = entries.get(token) ?? { possible: [] };
    entries.set(token, entry);
    return entry;
  };
  let acknowledgedWrites = 0;
  const key = (line: { token?: string | undefined; op?: string | undefined; body?: string | undefined }) =>
    `${line.token} ${line.op} ${line.body ?? ""}`;

  for (const intent of raw.intents)
    pending.set(key(intent), intent.op === "delete" ? "deleted" : { body: intent.body ?? "" });
  // One virtual user writes its posts one after the other, so start order is the order they happened in.
  for (const answer of raw.answers) {
    if (!answer.op || !answer.token || answer.s < 200 || answer.s >= 300) continue;
    acknowledgedWrites++;
    entryOf(answer.token).acknowledged = answer.op === "delete" ? "deleted" : { body: answer.body ?? "" };
    pending.delete(key(answer));
  }
  for (const intent of raw.intents) {
    const state = pending.get(key(intent));
    if (state !== undefined) entryOf(intent.token).possible.push(state);
  }
  return { entries, acknowledgedWrites };
}

function group(stored: Stored[]): Map<string, Stored[]> {
  const byToken = new Map<string, Stored[]>();
  for (const post of stored) {
    const token = /^Load (\S+)$/.exec(post.title)?.[1];
    if (token) byToken.set(token, [...(byToken.get(token) ?? []), post]);
  }
  return byToken;
}
