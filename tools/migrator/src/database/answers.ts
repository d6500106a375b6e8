import { answerMs, silenceMs, watchEveryMs } from "../bounds.ts";
import type { Log } from "../log.ts";
import type { Traffic, Waiting } from "./traffic.ts";
import { type Answer, createWitness, type Witness } from "./witness.ts";

/**
 * A network that stops without a word, or in one direction, leaves a session waiting for ever: TCP notices late or never,
 * and a proxy in between keeps both halves open. So whoever waits for more than a moment is asked about in a second
 * session. The server has no such session, or it is idle while we wait for it, or nobody answers at all: then it is lost.
 * While it is at work it may take as long as it takes.
 */
export interface AnswerWatch {
  witness: Witness;
  stop(): void;
}

export function watchAnswers(
  traffic: Traffic,
  { url, log, onLost }: { url: string; log: Log; onLost(error: Error): void },
): AnswerWatch {
  const witness = createWitness(url);
  let looking = false;
  let silentSince: number | undefined;
  let server: string | undefined;
  /** Sessions of which the last look said what cannot go well, by what it said. */
  let suspects = new Map<number, string>();

  const lose = (what: string) => onLost(Object.assign(new Error(what), { code: "08006" }));

  function judge(answer: Answer | undefined, waiting: Waiting[], now: number): void {
    if (answer === undefined) {
      silentSince ??= now;
      const silentMs = performance.now() - silentSince;
      if (silentMs >= silenceMs)
        lose(`no answer for ${seconds(longest(waiting))}, and none to a new connection`);
      return;
    }
    silentSince = undefined;
    server ??= answer.server;
    // A standby that shares the name knows nothing of our sessions; another primary means that ours is gone.
    if (answer.server !== server && answer.standby) return;
    const before = suspects;
    suspects = new Map(
      waiting.flatMap(({ pid, turn }) => {
        const said = answer.server === server ? answer.sessions.get(pid) : undefined;
        // Its state is hidden from who may not see it: then it is there, and that is all.
        const fine = said !== undefined && !said.state?.startsWith("idle");
        return fine ? [] : [[pid, JSON.stringify([turn, said?.state, said?.changed])]];
      }),
    );
    const lost = waiting.find(({ pid }) => suspects.has(pid) && suspects.get(pid) === before.get(pid));
    if (lost === undefined) return;
    const there = answer.sessions.has(lost.pid);
    if (there) witness.terminate(lost.pid);
    lose(
      there
        ? `the server waits for us while we have waited ${seconds(lost.forMs)} for its answer`
        : "the server has no such session any more",
    );
  }

  async function look(): Promise<void> {
    const waiting = traffic.waiting(answerMs);
    if (waiting.length === 0) {
      suspects.clear();
      silentSince = undefined;
      return;
    }
    const asked = performance.now();
    judge(await witness.ask(waiting.map(({ pid }) => pid)), waiting.filter(stillWaiting), asked);
  }

  /** What was answered while we asked is not judged by what we heard. */
  const stillWaiting = ({ pid, turn }: Waiting) =>
    traffic.waiting(answerMs).some((now) => now.pid === pid && now.turn === turn);

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((err) => log.debug({ err }, "could not ask about the sessions that wait"))
      .finally(() => {
        looking = false;
      });
  }, watchEveryMs);
  timer.unref();
  return {
    witness,
    stop() {
      clearInterval(timer);
      witness.close();
    },
  };
}

const longest = (waiting: readonly Waiting[]) => Math.max(0, ...waiting.map(({ forMs }) => forMs));
const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
