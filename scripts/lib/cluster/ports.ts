import { createServer } from "node:net";
import { Failure } from "../failure.ts";

/** Fails with a sentence when a port of 127.0.0.1 is taken: kind would only say so after minutes. */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  const probe = createServer();
  const free = await new Promise<boolean>((done) => {
    probe.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true));
  });
  await new Promise((done) => probe.close(done));
  if (!free) {
    throw new Failure(
      `Port ${port} of 127.0.0.1 is in use. End what uses it, or choose another: make up ${variable}=${port + 1000}`,
    );
  }
}
