import { createServer } from "node:net";
import { Failure } from "../failure.ts";
import { holderOf } from "./whereabouts.ts";

/** Fails with a sentence when a port of 127.0.0.1 is taken, and says by which cluster: kind would only say so after minutes. */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  const probe = createServer();
  const free = await new Promise<boolean>((done) => {
    probe.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true));
  });
  await new Promise((done) => probe.close(done));
  if (free) return;
  const another = `choose another: make up ${variable}=${port + 1000}`;
  const holder = await holderOf(port);
  if (holder?.ours)
    throw new Failure(
      `Port ${port} of 127.0.0.1 is in use by our cluster ${holder.cluster}, made with ${holder.engine.kind}. Remove that: make down CLUSTER=${holder.cluster}, or ${another}`,
    );
  const by = holder && ` by the kind cluster ${holder.cluster}, made with ${holder.engine.kind}`;
  throw new Failure(`Port ${port} of 127.0.0.1 is in use${by ?? ""}. End what uses it, or ${another}`);
}
