import type { Sql } from "../database/session.ts";

/** One or more sessions of a process whose release is known by its level, or not at all. */
export interface AliveSession {
  pid: number;
  applicationName: string;
  user: string;
  /** Undefined over a Unix socket, and without pg_read_all_stats. */
  address: string | undefined;
  /** When the session began; hidden without pg_read_all_stats. */
  since: string | undefined;
  /** Undefined where application_name does not end in one. */
  level: number | undefined;
}

/**
 * Every session of this database that is part of a release: its application_name ends in `@<13 digits>`, or its role
 * is the reader (or inherits from it) and what it runs is unknown. Read it outside any transaction: inside one,
 * PostgreSQL goes on showing what was there at the first look.
 */
export async function releaseSessions(sql: Sql, reader: string | undefined): Promise<AliveSession[]> {
  const rows = await sql<{
    pid: number;
    application_name: string | null;
    usename: string | null;
    client_addr: string | null;
    backend_start: Date | null;
    level: string | null;
  }>(
    `SELECT a.pid, a.application_name, a.usename, host(a.client_addr) AS client_addr, a.backend_start,
            substring(a.application_name FROM '@(\\d{13})$') AS level
       FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND (a.application_name ~ '@\\d{13}$'
             OR ($1::text IS NOT NULL AND ${isReader} AND NOT ${isMigrator}))
      ORDER BY a.backend_start, a.pid`,
    [reader ?? null],
  );
  return rows.map((row) => ({
    pid: row.pid,
    applicationName: row.application_name ?? "",
    user: row.usename ?? "",
    address: row.client_addr ?? undefined,
    since: row.backend_start?.toISOString(),
    level: row.level === null ? undefined : Number(row.level),
  }));
}

// A superuser has every right there is, and is not the application because of that.
const isReader = `EXISTS (
  SELECT FROM pg_roles r, pg_roles s
   WHERE r.rolname = $1 AND s.oid = a.usesysid
     AND (r.oid = s.oid OR (NOT s.rolsuper AND pg_has_role(s.oid, r.oid, 'USAGE'))))`;

/** Where application and migrator share a role, migrators would take each other for the application. */
const isMigrator = `(a.usename = current_user AND a.application_name = 'migrator')`;

/** Those that cannot live with a contract that needs this level, and those of which that is not known. */
export const olderThan = (sessions: readonly AliveSession[], needs: number) =>
  sessions.filter(({ level }) => level === undefined || level < needs);

/** Those that may use what a migration of this timestamp added. */
export const asNewAs = (sessions: readonly AliveSession[], timestamp: number) =>
  sessions.filter(({ level }) => level !== undefined && level >= timestamp);

const named = 5;

/** "blog@1750000000000 (user blog_app, from 10.0.0.7, pid 42 and 3 more, since 2026-…)", one for each process. */
export function describeSessions(sessions: readonly AliveSession[]): string {
  const processes = [...Map.groupBy(sessions, processOf).values()];
  const told = processes.slice(0, named).map(describeProcess);
  if (processes.length > named) told.push(`${processes.length - named} more like these`);
  return told.join(", ");
}

/** A process has a presence session and a pool; between them they share all that can be seen from here. */
export const processOf = ({ applicationName, user, address }: AliveSession) =>
  JSON.stringify([applicationName, user, address]);

function describeProcess([first, ...others]: AliveSession[]): string {
  if (first === undefined) return "";
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const facts = [
    `user ${first.user}`,
    first.address && `from ${first.address}`,
    `pid ${first.pid}${more}`,
    first.since && `since ${first.since}`,
  ];
  const name = first.applicationName || "a session without application_name";
  return `${name}${first.level === undefined ? ", of no known level" : ""} (${facts.filter(Boolean).join(", ")})`;
}
