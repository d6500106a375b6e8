import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { TestDatabase } from "./database.ts";

export interface Writers {
  stop(): Promise<number>;
}

/** A release at work: inserts and updates through the column it knows, until told to stop; any error fails it. */
export async function writing(database: TestDatabase, column: string): Promise<Writers> {
  const app = await database.session(`writer of ${column}`);
  await app.query("SET lock_timeout = '3s'");
  let stopped = false;
  let writes = 0;
  const work = (async () => {
    while (!stopped) {
      const value = `${column} ${writes}`;
      const { rows } = await app.query(
        `INSERT INTO posts (title, ${column}) VALUES ('t', $1) RETURNING id, ${column} AS kept`,
        [value],
      );
      expect(rows[0].kept).toBe(value);
      await app.query(`UPDATE posts SET ${column} = $1 WHERE id = $2`, [
        `${value}, edited`,
        1 + (writes % 400),
      ]);
      writes += 2;
      await pause(5);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await work;
      return writes;
    },
  };
}
