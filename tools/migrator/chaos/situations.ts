import { appRole, type Database } from "./database.ts";
import type { Running } from "./program.ts";
import { until } from "./until.ts";

/** What a migrator is doing when its network is cut. */
export interface Situation {
  name: string;
  /** Applied before: everything up to this one. */
  migration: string;
  /** What has to stand in its way; called with what starts a migrator on a whole network. Returns what ends it. */
  prepare?(database: Database, begin: () => Running): Promise<() => Promise<void>>;
  /** Whether it is there yet. */
  arrived(database: Database, run: Running): Promise<boolean>;
  /** How long to let pass at most, once it is there. */
  spanMs: number;
}

const seen = async (database: Database, condition: string) =>
  (
    await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrator' AND ${condition}`,
    )
  ).length > 0;

const holding = async (database: Database, statement: string) => {
  const client = await database.session();
  await client.query("BEGIN");
  await client.query(statement);
  return async () => void (await client.end());
};

const write = "UPDATE posts SET edits = edits WHERE id = 1";
const building = "state = 'active' AND query ~* 'CREATE.*INDEX.*CONCURRENTLY'";

export const situations: readonly Situation[] = [
  {
    name: "transaction",
    migration: "WorkSlowly1700000002500",
    arrived: (database) => seen(database, "query LIKE '%pg_sleep%'"),
    spanMs: 3_000,
  },
  {
    name: "concurrently",
    migration: "IndexTitles1700000003000",
    prepare: (database) => holding(database, write),
    arrived: (database) => seen(database, building),
    spanMs: 1_500,
  },
  {
    name: "validate",
    migration: "ValidatePosts1700000005000",
    prepare: (database) => holding(database, "LOCK TABLE posts IN SHARE UPDATE EXCLUSIVE MODE"),
    arrived: (database) => seen(database, "state = 'active' AND query LIKE '%VALIDATE%'"),
    spanMs: 1_500,
  },
  {
    name: "backfill",
    migration: "FillAuthors1700000009000",
    arrived: async (database) =>
      (await database.query("SELECT FROM migrations_backfill WHERE rows_done > 0")).length > 0,
    spanMs: 800,
  },
  {
    name: "waiting-for-lock",
    migration: "IndexTitles1700000003000",
    async prepare(database, begin) {
      const release = await holding(database, write);
      begin();
      await until(() => seen(database, building), 60_000);
      return release;
    },
    arrived: async (_, run) => run.log().includes("another migrator holds the lock"),
    spanMs: 1_500,
  },
  {
    name: "connecting",
    migration: "IndexTitles1700000003000",
    arrived: async () => true,
    spanMs: 600,
  },
  {
    name: "gate",
    migration: "RequireAuthors1700000010000",
    async prepare(database) {
      const old = await database.session({ role: appRole, name: "writer@1700000000000" });
      return async () => void (await old.end());
    },
    arrived: async (_, run) => /gate of .* is/.test(run.log()),
    spanMs: 1_500,
  },
];
