import pg from "pg";
import type { Turns } from "./turns.ts";

/** The sessions of one process: whose turns their statements take, and which of them there were. */
export interface Tracked {
  turns: Turns | undefined;
  party: string;
  sessions: pg.Client[];
}

const byName = new Map<string, Tracked>();
const byClient = new WeakMap<pg.Client, Tracked>();

/** Sessions of this name in this database take their turns, from now on. */
export const track = (database: string, name: string, tracked: Tracked) =>
  void byName.set(`${database} ${name}`, tracked);

/** This one session takes other turns than those of its name. */
export const trackOne = (client: pg.Client, tracked: Tracked) => void byClient.set(client, tracked);

type Connection = pg.Client & { connectionParameters: { application_name?: string } };

const trackedOf = (client: pg.Client): Tracked | undefined =>
  byClient.get(client) ??
  byName.get(`${client.database} ${(client as Connection).connectionParameters.application_name}`);

/**
 * Makes a step of each connect and each query, so that the code under test runs as it is, without hooks of its own.
 * Returns what puts pg back.
 */
export function interceptPg(): () => void {
  const prototype = pg.Client.prototype as unknown as Record<
    "connect" | "query",
    (...call: unknown[]) => unknown
  >;
  const { connect, query } = prototype;
  const intercept = (run: typeof query) =>
    function (this: pg.Client, ...call: unknown[]) {
      const tracked = trackedOf(this);
      if (run === connect) tracked?.sessions.push(this);
      const work = async () => run.apply(this, call);
      return tracked?.turns ? tracked.turns.step(tracked.party, work) : run.apply(this, call);
    };
  prototype.connect = intercept(connect);
  prototype.query = intercept(query);
  return () => void Object.assign(prototype, { connect, query });
}

/** The server's process id of a session. */
export const pidOf = (client: pg.Client | undefined) =>
  (client as unknown as { processID: number }).processID;
