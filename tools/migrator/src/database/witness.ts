import pg from "pg";
import { askMs } from "../bounds.ts";
import { codeOf } from "../classify.ts";

/** What the server says of a session; undefined where it knows of none with this number. */
export interface Testimony {
  state: string | null;
  changed: string | null;
}

export interface Answer {
  /** Of which server: another one says nothing about ours. */
  server: string;
  standby: boolean;
  sessions: ReadonlyMap<number, Testimony>;
}

/**
 * A connection of its own, opened when it is first needed, to ask about sessions that may never answer again. It is quick
 * to give up: an answer in time, or none.
 */
export interface Witness {
  /** Undefined: nobody answers. Throws where the server answers, but not this question (no room, no right). */
  ask(pids: readonly number[]): Promise<Answer | undefined>;
  /** Ends a session on the server's side. */
  terminate(pid: number): void;
  /** Resolves when that is done. */
  ended(): Promise<unknown>;
  close(): void;
}

export function createWitness(url: string): Witness {
  let client: pg.Client | undefined;
  let ending: Promise<unknown> = Promise.resolve();

  const close = () => {
    client?.end().catch(() => undefined);
    // A server that does not answer any more cannot say good-bye either.
    if (client !== undefined) hangUp(client);
    client = undefined;
  };

  const connected = async () => {
    if (client !== undefined) return client;
    const fresh = new pg.Client({
      connectionString: url,
      application_name: "migrator",
      connectionTimeoutMillis: askMs,
      query_timeout: askMs,
      keepAlive: true,
    });
    // It fails the question that is asked, too.
    fresh.on("error", () => {
      if (client === fresh) client = undefined;
    });
    await fresh.connect();
    client = fresh;
    return fresh;
  };

  /** A connection that was at rest may be the one thing that is broken. */
  async function query<Row extends object>(sql: string, values: unknown[]): Promise<Row[] | undefined> {
    for (const again of client === undefined ? [false] : [true, false]) {
      try {
        return (await (await connected()).query<Row>(sql, values)).rows;
      } catch (error) {
        close();
        if (!noAnswer.test(codeOf(error) ?? "")) throw error;
        if (!again) return undefined;
      }
    }
    return undefined;
  }

  return {
    async ask(pids) {
      const rows = await query<{ server: string; standby: boolean; pid: number | null } & Testimony>(
        `SELECT pg_postmaster_start_time()::text AS server, pg_is_in_recovery() AS standby,
                a.pid, a.state, a.state_change::text AS changed
           FROM (SELECT) AS one LEFT JOIN pg_stat_activity a ON a.pid = ANY($1::int[])`,
        [pids],
      );
      const [first] = rows ?? [];
      if (rows === undefined || first === undefined) return undefined;
      const { server, standby } = first;
      return {
        server,
        standby,
        sessions: new Map(rows.flatMap((row) => (row.pid === null ? [] : [[row.pid, row]]))),
      };
    },
    terminate(pid) {
      // Where it may not be, or nobody answers, the server finds out by itself, later.
      ending = query("SELECT pg_terminate_backend($1)", [pid]).catch(() => undefined);
    },
    ended: () => ending,
    close,
  };
}

const noAnswer = /^(08...|57P0.|EPIPE|ECONN\w+|E(NET|HOST)\w+|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;

export const hangUp = (client: pg.Client) =>
  (client as unknown as { connection: pg.Connection }).connection.stream.destroy();
