import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "../../api-suite/client.ts";

/** What a post must still be in the end, by what its only writer was told. */
export interface Known {
  title: string;
  updatedAt: string;
  /** Undefined: nobody chose one, so it ends in the general category. */
  categoryId: string | undefined;
}

export interface Writer {
  ledger: Map<string, Known>;
  created: number;
  deleted: number;
  /** Answers that no writer should get. */
  faults: string[];
  stop(): Promise<void>;
}

interface Options {
  url: string;
  version: "v2" | "v3";
  /** Posts from before that nobody else writes. */
  own: readonly string[];
  categoryId: string;
}

/** Between two writes: those that follow at once leave a backfill that gives way to others none of two cores. */
const pauseMs = 10;

/** Writes posts one after the other until it is stopped, in all ways its release allows. */
export function startWriter({ url, version, own, categoryId }: Options): Writer {
  const client = createClient(url);
  const left = [...own];
  let going = true;
  const writer: Writer = {
    ledger: new Map(),
    created: 0,
    deleted: 0,
    faults: [],
    async stop() {
      going = false;
      await done;
    },
  };
  const done = writeOn();

  async function writeOn(): Promise<void> {
    for (let turn = 0; going; turn++) {
      const title = `${version} ${turn}`;
      const mine = [...writer.ledger.keys()].at(-1);
      const old = left.pop();
      await send("POST", "/api/posts", { title }, undefined);
      await send("POST", "/api/posts", { title, categoryId }, categoryId);
      if (old) await send("PUT", `/api/posts/${old}`, { title }, undefined);
      if (old && turn % 2) await send("PUT", `/api/posts/${old}`, { title, categoryId }, categoryId);
      if (mine) await send("PUT", `/api/posts/${mine}`, { title, categoryId: null }, undefined);
      if (mine && turn % 3 === 0) await remove(mine);
    }
  }

  async function send(
    method: "POST" | "PUT",
    path: string,
    input: object,
    categoryId: string | undefined,
  ): Promise<void> {
    const write: Client["post"] = method === "POST" ? client.post : client.put;
    await sleep(pauseMs);
    const { status, request, json } = await write(path, { body: "b", ...input });
    if (status !== (method === "POST" ? 201 : 200)) {
      writer.faults.push(`${request}: ${status}`);
      return;
    }
    if (method === "POST") writer.created++;
    writer.ledger.set(json.id, { title: json.title, updatedAt: json.updatedAt, categoryId });
  }

  async function remove(id: string): Promise<void> {
    const { status, request } = await client.delete(`/api/posts/${id}`);
    if (status !== 204) writer.faults.push(`${request}: ${status}`);
    writer.deleted++;
    writer.ledger.delete(id);
  }

  return writer;
}
