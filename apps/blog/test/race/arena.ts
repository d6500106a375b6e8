import {
  createRecordTables,
  finaliseFloor,
  type GateOptions,
  heldClosedBy,
  proposeFloor,
  recordTables,
  tryGate,
} from "@schema-rollout/migrator/phases";
import pg from "pg";
import { type Kind, olderProcess } from "./process.ts";
import type { Play, Turns } from "./turns.ts";

const contract = { name: "DropBody1780000000000", needs: 1780000000000 };
// The arena's own sessions, a superuser's, name no level: only what the processes say of themselves is raced for here.
const audience = { readers: [], ignored: [] };
const gate: GateOptions = { tables: recordTables("public"), contract, audience, scope: "none" };

type Sql = Parameters<typeof tryGate>[0];

export const gates = {
  /** The migrator's own. */
  real: tryGate,
  /** The protocol the wrong way round: looks for sessions, then proposes. */
  async lookFirst(sql: Sql, options: GateOptions) {
    const alive = await heldClosedBy(sql, options);
    if (alive.length === 0) await proposeFloor(sql, options.tables, options.contract);
    return alive;
  },
};

/** Steps of a migrator that finds nobody: look; propose, look again; the transaction of five statements. */
export const migratorSteps = 8;

export interface Bout {
  kinds: Kind[];
  gate?: keyof typeof gates;
  turns: Turns | Play;
}

export interface Verdict {
  applied: boolean;
  /** Processes that work on. */
  working: number;
  /** Processes that worked on the old schema when or after the contract was applied. */
  both: number;
}

/** A database in which one contract meets older processes, again and again. */
export async function openArena(url: string) {
  const database = new URL(url).pathname.slice(1);
  const connect = async (name: string) => {
    const client = new pg.Client({ connectionString: url, application_name: name });
    await client.connect();
    return client;
  };
  const migrator = await connect("migrator");
  const observer = await connect("observer");
  const cutter = await connect("cutter");
  const rows: Sql = async (text, values) => (await migrator.query(text, values && [...values])).rows;
  await createRecordTables(rows, gate.tables);
  await migrator.query("CREATE TABLE witnessed (pid int, at timestamptz DEFAULT clock_timestamp())");
  // What the database itself says: which sessions of older processes there are at this moment.
  const witness =
    "INSERT INTO witnessed (pid) SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'blog@%'";
  // Not pg_terminate_backend's own wait, which looks every 100 ms only.
  const cut = async (pid: number) => {
    await cutter.query("SELECT pg_terminate_backend($1)", [pid]);
    const there = () => cutter.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid]);
    while ((await there()).rows.length > 0);
  };

  async function migrate(pass: (typeof gates)["real"], turns: Turns): Promise<boolean> {
    const sql: Sql = (text, values) => turns.step("M", () => rows(text, values));
    if ((await heldClosedBy(sql, gate)).length > 0) return false;
    if ((await pass(sql, gate)).length > 0) return false;
    await sql("BEGIN");
    await sql(witness);
    await sql(`INSERT INTO migrations ("timestamp", name) VALUES ($1, $2)`, [contract.needs, contract.name]);
    await finaliseFloor(sql, gate.tables, contract);
    // Of this very moment: the next statement of anybody comes after.
    await turns.step("M", async () => {
      await migrator.query("COMMIT");
      await observer.query(witness);
    });
    return true;
  }

  return {
    async bout({ kinds, gate: protocol = "real", turns }: Bout): Promise<Verdict> {
      await migrator.query("DELETE FROM migrations; DELETE FROM migrations_floor; DELETE FROM witnessed");
      const place = { url, database, cut };
      const processes = await Promise.all(
        kinds.map((kind, n) => olderProcess(place, `P${n}`, String(1770000000000 + n), kind)),
      );
      const done = "done" in turns ? turns.done : () => {};
      const [applied] = await Promise.all([
        migrate(gates[protocol], turns).finally(() => done("M")),
        ...processes.map((process) => process.live(turns).finally(() => done(process.party))),
        "play" in turns ? turns.play() : undefined,
      ]);
      const { rows: seen } = await observer.query<{ pid: number }>("SELECT pid FROM witnessed");
      const pids = new Set(seen.map(({ pid }) => pid));
      const both = processes.filter(
        (process) => applied && (process.working() || process.passed.some((pid) => pids.has(pid))),
      );
      const working = processes.filter((process) => process.working());
      await Promise.all(processes.map((process) => process.leave()));
      return { applied, working: working.length, both: both.length };
    },
    close: () => Promise.all([migrator.end(), observer.end(), cutter.end()]),
  };
}
