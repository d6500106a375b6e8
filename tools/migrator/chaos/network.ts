import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { Launch } from "./program.ts";

const run = promisify(execFile);

/** Another machine: a network namespace with a cable to this one. */
export interface Machine {
  address: string;
  /** Runs a program there. */
  launch: Launch;
  /** From now on no packet of these ways arrives, and nobody is told. */
  drop(ways: Ways): Promise<void>;
  heal(): Promise<void>;
}

export interface Ways {
  toServer: boolean;
  toClient: boolean;
}

export interface Network {
  /** This machine's address, as the others see it. */
  host: string;
  machines: Machine[];
}

/** Packets can only be dropped by root on Linux. */
export const canDropPackets = () => process.platform === "linux" && process.getuid?.() === 0;

// An Ethernet address that nobody has: what is sent there is lost on the way.
const nowhere = "02:00:00:00:00:01";

/**
 * 198.18.0.0/15 is set aside for tests of networks. One address of ours, at the end of each machine's cable. Gone when the
 * process ends.
 */
export async function createNetwork(count: number): Promise<Network> {
  const third = process.pid % 250;
  const host = `198.18.${third}.254`;
  const names: string[] = [];
  const machines: Machine[] = [];
  const ip = (...args: string[]) => run("ip", args);
  process.once("exit", () => {
    // The namespace lives on while a socket in it does; the cable need not.
    for (const name of names)
      for (const args of [
        ["netns", "delete", name],
        ["link", "delete", name],
      ])
        spawnSync("ip", args);
  });
  for (let i = 1; i <= count; i += 1) {
    const name = `chaos${third}v${i}`;
    const guest = `198.18.${third}.${i}`;
    names.push(name);
    await ip("netns", "add", name);
    await ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
    await ip("address", "add", host, "peer", guest, "dev", name);
    await ip("link", "set", name, "up");
    await ip("-netns", name, "address", "add", guest, "peer", host, "dev", "eth0");
    await ip("-netns", name, "link", "set", "eth0", "up");
    const toClient = ["neighbour", "replace", guest, "dev", name, "lladdr"];
    const toServer = ["-netns", name, "neighbour", "replace", host, "dev", "eth0", "lladdr"];
    const ours = await addressOf(["link", "show", name]);
    const theirs = await addressOf(["-netns", name, "link", "show", "eth0"]);
    const point = async (way: string[], address: string) =>
      void (await ip(...way, address, "nud", "permanent"));
    const machine: Machine = {
      address: guest,
      launch: (command, args) => ["ip", ["netns", "exec", name, command, ...args]],
      async drop(ways) {
        await Promise.all([
          ways.toClient ? point(toClient, nowhere) : undefined,
          ways.toServer ? point(toServer, nowhere) : undefined,
        ]);
      },
      async heal() {
        await point(toClient, theirs);
        await point(toServer, ours);
      },
    };
    await machine.heal();
    machines.push(machine);
  }
  return { host, machines };
}

async function addressOf(args: string[]): Promise<string> {
  const { stdout } = await run("ip", args);
  const found = /link\/ether ([0-9a-f:]+)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`no Ethernet address in: ${stdout}`);
  return found;
}
