import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A release host on 127.0.0.1. A file that is `"silence"` is never answered. */
export async function releaseHost(files: Record<string, Buffer | string>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    asked.push(name);
    const file = files[name];
    if (file === "silence") return;
    if (file === undefined) response.writeHead(404).end();
    else response.end(file);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const stop = () =>
    new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  onTestFinished(() => void stop());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop };
}
