import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Adapter } from "../lib/load/adapter.ts";
import { versionServed } from "../lib/load/ask.ts";
import { readAdapter } from "../lib/load/read-adapter.ts";
import { readEverything } from "../lib/load/read-back.ts";
import { theBlog } from "../lib/rollout/service.ts";

let folder: string;
let server: Server;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "adapter-"));
  // Three pages, of which each says where the next one is; what is odd about an answer stands in the path.
  server = createServer((request, response) => {
    const [, how, page = "0"] = /^\/(\w*)\??(\d*)/.exec(request.url ?? "") ?? [];
    if (how === "down") return response.writeHead(500).end("broken");
    if (how === "") response.setHeader("X-Version", "7");
    const next = how === "circle" ? "1" : Number(page) < 2 ? String(Number(page) + 1) : undefined;
    response.end(JSON.stringify({ rows: [{ id: page || "0", title: `Load ${page}`, body: "b" }], next }));
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const adapterOf = async (text: string) => {
  const file = join(folder, `${Math.random()}.ts`);
  await writeFile(file, text);
  return readAdapter(file);
};

describe("an adapter's file", () => {
  test("of the blog is complete", async () => {
    expect((await readAdapter(theBlog.adapter)).versionHeader).toBe("x-app-version");
  });
  test("hears of all it lacks at once", async () => {
    const read = adapterOf(
      `export default { versionHeader: "X-V", ready: "healthy", create: { send() {} } };`,
    );
    await expect(read).rejects.toThrow(
      /versionHeader: names a header, in lower case\n.*ready: is a path.*\n.*create.id: is needed, a function\n.*read: [\s\S]*list: [\s\S]*all: /,
    );
    await expect(read).rejects.not.toThrow(/page|edit|remove/);
  });
  test("that cannot be loaded, or exports nothing, says so", async () => {
    await expect(readAdapter(join(folder, "none.ts"))).rejects.toThrow(/none\.ts cannot be loaded/);
    await expect(adapterOf("export const a = 1;")).rejects.toThrow(/default export/);
  });
});

describe("reading back", () => {
  const at = (path: string, entries?: Adapter["all"]["entries"]) =>
    ({
      versionHeader: "x-version",
      list: { send: () => ({ method: "GET", path }), right: () => true },
      all: {
        send: (next) => ({ method: "GET", path: `${path}?${next ?? ""}` }),
        entries: entries ?? (({ json }) => ({ entries: json?.rows, next: json?.next }) as never),
      },
    }) as Partial<Adapter> as Adapter;

  test("follows the pages to the last one", async () => {
    const stored = await readEverything(url, at("/"));
    expect(stored.map(({ id }) => id)).toEqual(["0", "1", "2"]);
  });
  test("ends, with a sentence, where the service or the adapter does not play its part", async () => {
    await expect(readEverything(url, at("/down"))).rejects.toThrow(/failed: 500 broken/);
    await expect(readEverything(url, at("/circle"))).rejects.toThrow(/the page 1 twice/);
    await expect(
      readEverything(
        url,
        at("/", () => ({ entries: [{ id: 1 }] }) as never),
      ),
    ).rejects.toThrow(/made nothing of the answer: [\s\S]*expected string/);
    await expect(
      readEverything(
        url,
        at("/", () => {
          throw new Error("no rows");
        }),
      ),
    ).rejects.toThrow(/made nothing of the answer: Error: no rows/);
  });
  test("knows the release by its header, which must be there", async () => {
    expect(await versionServed(url, at("/"))).toBe("7");
    await expect(versionServed(url, at("/plain"))).rejects.toThrow(/without the header x-version/);
    await expect(versionServed("http://127.0.0.1:65534", at("/"))).rejects.toThrow(
      /cannot be reached: .*ECONNREFUSED/,
    );
  });
});
