import { type Database, through } from "./database.ts";
import type { Machine, Network } from "./network.ts";
import type { Launch } from "./program.ts";
import { startProxy } from "./proxy.ts";

/** How a network fails without telling both ends. */
export interface Cut {
  name: string;
  /** Needs a machine of its own to run on. */
  packets: boolean;
  /**
   * When the session on the server has to be gone: as soon as the process is, since the server can be reached; within
   * the server's keepalives; or once the network is whole again, since until then nobody can tell the server.
   */
  freed: "at once" | "by keepalives" | "when healed";
  open(database: Database, place: Place | undefined): Promise<Road>;
}

export interface Place {
  network: Network;
  machine: Machine;
}

/** The migrator's way to its database. */
export interface Road {
  url: string;
  launch?: Launch;
  /** True once anything came this way. */
  used(): boolean;
  /** Which sessions of pg_stat_activity came this way. */
  ours(): string;
  cut(): Promise<void>;
  /** Whole again; what is still held up on the way is gone. */
  heal(): Promise<void>;
}

const byProxy = (
  name: string,
  freed: Cut["freed"],
  cut: (proxy: Awaited<ReturnType<typeof startProxy>>) => void,
): Cut => ({
  name,
  packets: false,
  freed,
  async open(database) {
    const proxy = await startProxy(database.url);
    return {
      url: proxy.url,
      used: () => proxy.ports().length > 0,
      ours: () => `client_port IN (${["-1", ...proxy.ports()].join(", ")})`,
      cut: async () => cut(proxy),
      heal: () => proxy.close(),
    };
  },
});

const byPackets = (name: string, ways: { toServer: boolean; toClient: boolean }): Cut => ({
  name,
  packets: true,
  freed: "by keepalives",
  async open(database, place) {
    if (place === undefined) throw new Error(`${name} needs a network`);
    const { network, machine } = place;
    return {
      url: through(database.url, network.host),
      launch: machine.launch,
      used: () => true,
      ours: () => `client_addr = '${machine.address}'`,
      cut: () => machine.drop(ways),
      heal: () => machine.heal(),
    };
  },
});

export const cuts: readonly Cut[] = [
  byProxy("proxy-stops", "at once", (proxy) => proxy.freeze()),
  byProxy("proxy-stops-for-all", "when healed", (proxy) => proxy.freeze({ later: true })),
  byPackets("packets-lost", { toServer: true, toClient: true }),
  byPackets("answers-lost", { toServer: false, toClient: true }),
  byPackets("questions-lost", { toServer: true, toClient: false }),
  byProxy("server-reset", "at once", (proxy) => proxy.resetServer()),
];
