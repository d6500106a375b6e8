import { randomInt } from "node:crypto";
import { onTestFinished } from "vitest";
import { asRoot, root } from "./privileged.ts";

export interface Machine {
  /** This machine's address, as the other one sees it. */
  host: string;
  /** The command line that runs a program on the other machine. */
  inside(...command: string[]): [string, string[]];
  /** From now on nothing arrives at either end, and neither is told. */
  vanish(): Promise<void>;
}

/** Another machine: a network namespace with a cable to this one. Gone, with all that runs in it, after the test. */
export async function otherMachine(): Promise<Machine> {
  const id = randomInt(1, 250);
  const name = `migrator-${process.pid}-${id}`;
  const cable = `mig${process.pid % 100_000}v${id}`;
  // 198.18.0.0/15 is set aside for tests of networks.
  const [host, guest] = [`198.18.${id}.1`, `198.18.${id}.2`];
  const inside = (...command: string[]) => asRoot("ip", "netns", "exec", name, ...command);
  onTestFinished(async () => {
    const pids = (await root("ip", "netns", "pids", name)).split(/\s+/).filter(Boolean);
    if (pids.length > 0) await root("kill", "-KILL", ...pids);
    await root("ip", "netns", "delete", name);
    // The namespace lives on while a socket in it does; the cable need not.
    await root("ip", "link", "delete", cable);
  });
  await root("ip", "netns", "add", name);
  await root("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
  await root("ip", "address", "add", `${host}/30`, "dev", cable);
  await root("ip", "link", "set", cable, "up");
  await root("ip", "-netns", name, "address", "add", `${guest}/30`, "dev", "eth0");
  await root("ip", "-netns", name, "link", "set", "eth0", "up");
  return {
    host,
    inside,
    vanish: async () => void (await root("ip", "-netns", name, "link", "set", "eth0", "down")),
  };
}
