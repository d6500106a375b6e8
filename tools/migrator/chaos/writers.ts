import { setTimeout as sleep } from "node:timers/promises";
import { appRole, type Database } from "./database.ts";
import type { Random } from "./random.ts";
import { rows } from "./templates.ts";

/** What the service was told is kept. */
export interface Acknowledged {
  inserts: number;
  edits: number;
}

export interface Writers {
  /** Ends them after the transaction that each is in; what failed for them is a fault of ours. */
  stop(): Promise<{ acknowledged: Acknowledged; failures: string[] }>;
}

/** Three processes of the current release at work: each transaction adds a row and edits an old one, some of them slowly. */
export async function startWriters(database: Database, random: Random): Promise<Writers> {
  const acknowledged = { inserts: 0, edits: 0 };
  const failures: string[] = [];
  let stopped = false;
  const writer = async (number: number) => {
    const client = await database.session({ role: appRole, name: "writer@9999999999999" });
    try {
      for (let i = 0; !stopped; i += 1) {
        const token = `${number} ${i}`;
        await client.query("BEGIN");
        await client.query("INSERT INTO posts (title, token, author_id) VALUES ('new', $1, 1)", [token]);
        await client.query("UPDATE posts SET edits = edits + 1 WHERE id = $1", [
          1 + Math.floor(random.next() * rows),
        ]);
        if (random.chance(0.3)) await sleep(random.between(0, 60));
        await client.query("COMMIT");
        acknowledged.inserts += 1;
        acknowledged.edits += 1;
        await sleep(random.between(0, 20));
      }
    } catch (error) {
      failures.push(`a writer of the service failed: ${(error as Error).message}`);
    } finally {
      await client.end();
    }
  };
  const work = [1, 2, 3].map(writer);
  return {
    async stop() {
      stopped = true;
      await Promise.all(work);
      return { acknowledged, failures };
    },
  };
}

export const noWriters: Writers = {
  stop: async () => ({ acknowledged: { inserts: 0, edits: 0 }, failures: [] }),
};
