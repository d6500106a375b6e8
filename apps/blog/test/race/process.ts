import pg from "pg";
import { applicationName } from "../../src/data-source.ts";
import { BelowFloor, refuseBelowFloor } from "../../src/floor.ts";
import type { Log } from "../../src/log.ts";
import { openPresence, type Presence } from "../../src/presence.ts";
import { pidOf, type Tracked, track, trackOne } from "./sessions.ts";
import type { Turns } from "./turns.ts";

/** What an older process does while the contract is on its way, and how many steps it has for that. */
export const kinds = {
  /** Opens its presence. */
  starts: 3,
  /** Opens its presence and leaves again. */
  stops: 4,
  /** Was there; its session is cut, and it comes back. */
  returns: 4,
  /** Was there; its session is cut, and while that cannot be opened again its pool opens a connection. */
  pools: 3,
  /** The protocol the wrong way round: reads the floor, then opens its session. */
  floorFirst: 2,
} as const;
export type Kind = keyof typeof kinds;

export interface OlderProcess {
  party: string;
  /** Plays its part; resolves when it has settled down, or left. */
  live(turns: Turns): Promise<void>;
  /** Server process ids of the sessions with which it believed that it may work. */
  passed: number[];
  /** Whether it believes so now. */
  working(): boolean;
  leave(): Promise<void>;
}

interface Place {
  url: string;
  database: string;
  /** Ends one session, and waits until it is gone. */
  cut(pid: number): Promise<void>;
}

/** As long as the presence session cannot be opened again. */
const noWayBack: Turns = { step: () => Promise.reject(new Error("the network is away")) };

export async function olderProcess(
  { url, database, cut }: Place,
  party: string,
  level: string,
  kind: Kind,
): Promise<OlderProcess> {
  const passed: number[] = [];
  const tracked: Tracked = { turns: undefined, party, sessions: [] };
  track(database, applicationName(level), tracked);
  const connections: pg.Client[] = [];
  let presence: Presence | undefined;
  let working = false;
  let settle = () => {};
  const settled = new Promise<void>((done) => {
    settle = done;
  });

  const goOn = (session: pg.Client | undefined) => {
    passed.push(pidOf(session));
    working = true;
  };
  const leaveBelowFloor = () => {
    working = false;
    settle();
  };
  const log = {
    warn() {},
    info() {
      goOn(tracked.sessions.at(-1));
      settle();
    },
  } as unknown as Log;
  const open = async () => {
    try {
      const maxBackoffMs = kind === "returns" ? 1 : 100;
      presence = await openPresence({ url, level, log, onBelowFloor: leaveBelowFloor, maxBackoffMs });
      goOn(tracked.sessions.at(-1));
    } catch (error) {
      if (!(error instanceof BelowFloor)) throw error;
    }
  };
  const connection = () => {
    const client = new pg.Client({ connectionString: url, application_name: applicationName(level) });
    connections.push(client.on("error", () => {}));
    return client;
  };
  const loseSession = async () => {
    working = false;
    await cut(pidOf(tracked.sessions.at(-1)));
  };

  const parts: Record<Kind, (turns: Turns) => Promise<void>> = {
    starts: open,
    async stops(turns) {
      await open();
      await turns.step(party, async () => {
        working = false;
        await presence?.close();
      });
    },
    async returns(turns) {
      await turns.step(party, loseSession);
      await settled;
    },
    async pools(turns) {
      tracked.turns = noWayBack;
      await turns.step(party, loseSession);
      const client = connection();
      trackOne(client, { turns, party, sessions: [] });
      await client.connect();
      const allowed = await presence?.check(client).then(
        () => true,
        () => false,
      );
      if (allowed) goOn(client);
    },
    async floorFirst(turns) {
      const probe = new pg.Client({ connectionString: url, application_name: "probe" });
      await probe.connect();
      const allowed = await turns
        .step(party, () => refuseBelowFloor(probe, level))
        .then(
          () => true,
          () => false,
        );
      await probe.end();
      if (!allowed) return;
      const client = connection();
      await client.connect();
      goOn(client);
    },
  };

  if (kind === "returns" || kind === "pools") await open();
  return {
    party,
    passed,
    working: () => working,
    live(turns) {
      tracked.turns = turns;
      return parts[kind](turns);
    },
    async leave() {
      await presence?.close();
      await Promise.all(connections.map((client) => client.end()));
    },
  };
}
