import { type ScratchPostgres, startPostgres } from "@schema-rollout/scratch-postgres";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, line, startApiServer } from "./support/api-server.ts";
import { QUICK, runGate } from "./support/gate.ts";
import { done, noise, roundOf, serveHostile } from "./support/hostile.ts";
import { KEY, LEVEL, type RecordDatabase, recordDatabase } from "./support/record.ts";

/** Each run asks a real database many times. */
const RUNS = Math.ceil(Number(process.env.HOSTILE_RUNS ?? 300) / 10);
let postgres: ScratchPostgres;
let api: ApiServer;
let db: RecordDatabase;
beforeAll(async () => {
  [postgres, api] = await Promise.all([startPostgres(), startApiServer()]);
  db = recordDatabase(await postgres.createDatabase("hostile"));
  await db.createTables();
});
afterAll(() => Promise.all([postgres.stop(), api.stop()]));

test("with a schema key no stream opens, not even a true Complete: only the record does", {
  timeout: 900_000,
}, async () => {
  const anything = fc.oneof(noise, fc.constant(line("ADDED", done)), fc.constant(line("MODIFIED", done)));
  await fc.assert(
    fc.asyncProperty(fc.array(roundOf(anything), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const left = [...rounds];
      let recording: Promise<void> | undefined;
      serveHostile(
        api,
        () => left.shift(),
        () => {
          // Once: a WATCH may be asked for the truth as well, when this run is over.
          recording ??= db.record();
          return recording.then(() => done);
        },
      );
      const timing = { ...QUICK, deniedFor: 60_000, backoffBase: 1, backoffCap: 2 };
      const options = { schema: { key: KEY, level: LEVEL }, timeout: 20_000, confirmFor: 60_000 };
      const gate = runGate(api.url, options, { timing, databaseUrl: db.url });
      expect((await gate.verdict).code).toBe(0);
      expect(recording).toBeDefined();
      await recording;
      await db.sql("DELETE FROM migrations");
    }),
    { numRuns: RUNS },
  );
});
