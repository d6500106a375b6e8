import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";

/** One migration in one direction; whatever it starts knows it, also what it forgot to wait for. */
export interface Run {
  name: string;
  ended: boolean;
  /** For sessions that it opens beside the executing one. */
  guards: string;
  /** Called with the error of a statement that comes after its end. */
  late(error: Error): void;
}

const running = new AsyncLocalStorage<Run>();

/** Runs code of a migration. */
export const asRun = <T>(run: Run, work: () => Promise<T>): Promise<T> => running.run(run, work);
/** Runs code of ours that a migration has called. */
export const asOurs = <T>(work: () => Promise<T>): Promise<T> => running.exit(work);

/** It has failed: what it still sends is refused, and is no news. */
export function fail(run: Run): void {
  run.ended = true;
  run.late = () => undefined;
}

/** A session that waits for an answer. */
export interface Waiting {
  pid: number;
  /** Another one for each statement. */
  turn: number;
  forMs: number;
}

/** Every session of one data source, and which of them wait for an answer. */
export interface Traffic {
  /** Told of each new session before it is used. */
  attach(client: pg.Client): void;
  /** The session that executes: what guards it is put there by others. */
  execute(client: pg.Client): void;
  /** A word to the server, so that it sees us alive. */
  ping(client: pg.Client): void;
  waiting(longerThanMs?: number): Waiting[];
  pids(): number[];
  /** How many statements migrations have sent, and whether one is on its way: in one session, or in all. */
  sent(pid?: number): { count: number; busy: boolean };
  /** Counts a statement of ours that a migration has asked for. */
  lend(): void;
  /** Whether a statement of this migration is on its way. */
  left(run: Run): boolean;
  /** Sessions it has opened beside the executing one and has a statement in. */
  opened(run: Run): number[];
}

interface Line {
  client: pg.Client;
  turn: number;
  ofRuns: number;
  /** Since when a statement is on its way; undefined at rest. */
  since: number | undefined;
  /** Whose statement was the last one; undefined: ours. */
  run: Run | undefined;
  executes: boolean;
  guarded: boolean;
  send(...call: unknown[]): unknown;
}

export function createTraffic(): Traffic {
  const lines = new Map<pg.Client, Line>();
  let lent = 0;
  const of = (pid?: number) => [...lines.values()].filter((line) => pid === undefined || pidOf(line) === pid);
  return {
    attach(client) {
      const line = createLine(client);
      lines.set(client, line);
      client.once("end", () => lines.delete(client));
    },
    execute(client) {
      const line = lines.get(client);
      if (line) line.executes = true;
    },
    ping(client) {
      const line = lines.get(client);
      if (line === undefined || line.since !== undefined) return;
      line.run = undefined;
      Promise.resolve(line.send("SELECT")).catch(() => undefined);
    },
    waiting(longerThanMs = 0) {
      const now = performance.now();
      return of()
        .map((line) => ({
          pid: pidOf(line),
          turn: line.turn,
          forMs: now - (line.since ?? Number.POSITIVE_INFINITY),
        }))
        .filter(({ forMs }) => forMs >= longerThanMs);
    },
    pids: () => of().map(pidOf),
    sent: (pid) => ({
      count: of(pid).reduce((sum, { ofRuns }) => sum + ofRuns, pid === undefined ? lent : 0),
      busy: of(pid).some(({ run, since }) => run !== undefined && since !== undefined),
    }),
    lend() {
      lent += 1;
    },
    opened: (run) =>
      of()
        .filter((line) => line.run === run && line.since !== undefined && !line.executes)
        .map(pidOf),
    left: (run) => of().some((line) => line.run === run && line.since !== undefined),
  };
}

const pidOf = ({ client }: Line) => (client as unknown as { processID: number }).processID;

function createLine(client: pg.Client): Line {
  const query = client.query.bind(client) as (...call: unknown[]) => unknown;
  const line: Line = {
    client,
    turn: 0,
    ofRuns: 0,
    since: undefined,
    run: undefined,
    executes: false,
    guarded: false,
    send(...call) {
      line.turn += 1;
      line.since ??= performance.now();
      return query(...call);
    },
  };
  client.on("drain", () => {
    line.since = undefined;
  });
  client.query = ((...call: unknown[]) => {
    const run = running.getStore();
    if (run?.ended) throw tooLate(run);
    line.run = run;
    if (run !== undefined) line.ofRuns += 1;
    const guards = guardsFor(line, run);
    if (guards === undefined) return line.send(...call);
    // Where these fail, what follows does so too.
    const set = Promise.resolve(line.send(guards)).catch(() => undefined);
    // Whoever takes its answer in another way than by a promise has it queued.
    return call.some((one) => typeof one === "function" || isSubmittable(one))
      ? line.send(...call)
      : set.then(() => line.send(...call));
  }) as typeof client.query;
  return line;
}

const isSubmittable = (one: unknown) => typeof (one as { submit?: unknown } | null)?.submit === "function";

/** What a migration does in a second session waits for locks no longer than what it does in its own. */
function guardsFor(line: Line, run: Run | undefined): string | undefined {
  const wanted = run !== undefined;
  if (line.executes || line.guarded === wanted) return undefined;
  line.guarded = wanted;
  return wanted ? run.guards : "RESET lock_timeout; RESET idle_in_transaction_session_timeout";
}

function tooLate(run: Run): Error {
  const error = new Error(
    `${run.name} sent a statement after it had ended: it started something that it did not wait for`,
  );
  run.late(error);
  return error;
}
