import type { Sql } from "../database/session.ts";
import { nobody, oidsOf, writers } from "./writers.ts";

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
  /** Why it counts without a level: "may write public.posts". Undefined where its role is a reader's. */
  may?: string;
}

/** Whose sessions count. */
export interface Audience {
  /** The application's roles: sessions without a level count whatever the role may do. */
  readers: readonly string[];
  /** Roles whose sessions never count. */
  ignored: readonly string[];
}

/**
 * Which tables sessions without a level must be able to write to count: any that the migrator could change, those with
 * these names, or none, because nobody can be using a database that was empty a moment ago.
 */
export type Scope = "any" | "none" | readonly string[];

/**
 * Every session of this database that may be of a release: its application_name ends in `@<13 digits>`, or its role is
 * a reader (or a member of one), or may write. Read it outside any transaction: inside one, PostgreSQL goes on showing
 * what was there at the first look.
 *
 * Without pg_read_all_stats a session's kind is hidden, so what may be a background worker counts.
 */
export async function releaseSessions(
  sql: Sql,
  { readers, ignored }: Audience,
  scope: Scope,
): Promise<AliveSession[]> {
  const tables = typeof scope === "string" ? null : await oidsOf(sql, scope);
  const rows = await sql<{
    pid: number;
    application_name: string | null;
    usename: string | null;
    client_addr: string | null;
    backend_start: Date | null;
    level: string | null;
    may: string | null;
  }>(
    `WITH RECURSIVE
  client AS MATERIALIZED (
    SELECT a.pid, a.application_name, a.usesysid, a.usename, a.client_addr, a.backend_start,
           substring(a.application_name FROM '@(\\d{13})$') AS level
      FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
       AND coalesce(a.backend_type = 'client backend', true) AND NOT coalesce(a.usename = ANY ($3::name[]), false)
       AND NOT coalesce(${isMigrator}, false)),
  unnamed AS MATERIALIZED (SELECT DISTINCT usesysid FROM client WHERE level IS NULL),
  ${scope === "none" ? nobody : writers}
    SELECT c.pid, c.application_name, c.usename, host(c.client_addr) AS client_addr, c.backend_start, c.level,
           CASE WHEN c.level IS NULL THEN j.may END AS may
      FROM client c LEFT JOIN judged j USING (usesysid)
     WHERE c.level IS NOT NULL OR j.may IS NOT NULL OR ${isReader}
     ORDER BY c.backend_start, c.pid`,
    [tables, readers, ignored],
  );
  return rows.map((row) => ({
    pid: row.pid,
    applicationName: row.application_name ?? "",
    user: row.usename ?? "",
    address: row.client_addr ?? undefined,
    since: row.backend_start?.toISOString(),
    level: row.level === null ? undefined : Number(row.level),
    ...(row.may !== null && { may: row.may }),
  }));
}

// A superuser has every right there is, and is not the application because of that.
const isReader = `EXISTS (
  SELECT FROM pg_roles r, pg_roles s
   WHERE r.rolname = ANY ($2::name[]) AND s.oid = c.usesysid
     AND (r.oid = s.oid OR (NOT s.rolsuper AND pg_has_role(s.oid, r.oid, 'MEMBER'))))`;

/** Migrators, this run's and others', and whoever looks on as one (`migrator psql`); only as the role they have. */
const isMigrator = `(a.usename = session_user AND a.application_name ~ '^migrator( |$)')`;

/** Those that cannot live with a contract that needs this level, and those of which that is not known. */
export const olderThan = (sessions: readonly AliveSession[], needs: number) =>
  sessions.filter(({ level }) => level === undefined || level < needs);

/** Those that may use what a migration of this timestamp added. */
export const asNewAs = (sessions: readonly AliveSession[], timestamp: number) =>
  sessions.filter(({ level }) => level !== undefined && level >= timestamp);

/** The same, and those of which nothing is known. */
export const mayUse = (sessions: readonly AliveSession[], timestamp: number) =>
  sessions.filter(({ level }) => level === undefined || level >= timestamp);

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
    first.may ? `user ${first.user}, which ${first.may}` : `user ${first.user}`,
    first.address && `from ${first.address}`,
    `pid ${first.pid}${more}`,
    first.since && `since ${first.since}`,
  ];
  const name = first.applicationName || "a session without application_name";
  return `${name}${first.level === undefined ? ", of no known level" : ""} (${facts.filter(Boolean).join(", ")})`;
}
