import { oneLine, text } from "../job.ts";
import { redact } from "../redact.ts";

/** Characters of a log in a line of ours: enough for the last sentences, little enough for a termination message. */
const LONGEST = 600;

/**
 * The most that is looked at. The kubelet sends less; more would be looked through for passwords all the longer, and
 * the gate has to end.
 */
const MOST = 16 * 1024;

/**
 * The end of a log, as one line. `cutAt`: the size in bytes from which on the sender cut it, at one end or the other.
 * Half of a password cannot be told from a word, so what was cut goes as far as the next space, and only what has been
 * redacted as a whole is shortened here.
 */
export function excerpt(log: string, cutAt: number, secrets: readonly string[]): string {
  const whole = Buffer.byteLength(log) >= Math.min(cutAt, MOST) ? withoutEnds(log.slice(-MOST)) : log;
  const lines = redact(whole, secrets).split("\n").map(oneLine).filter(Boolean);
  const end = lines.join(" | ");
  return end.length <= LONGEST ? end : `…${end.slice(-LONGEST).toWellFormed()}`;
}

/** The beginning of a sentence of others. */
export function sentence(says: string, secrets: readonly string[]): string {
  return text(redact(says.length > MOST ? withoutEnds(` ${says.slice(0, MOST)}`) : says, secrets));
}

function withoutEnds(cut: string): string {
  const first = cut.search(/\s/);
  return first === -1 ? "" : cut.slice(first).replace(/(?<!\S)\S+$/, "");
}
