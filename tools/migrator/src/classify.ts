import { MigratorError } from "./errors.ts";
import { ExitCode } from "./exit-codes.ts";
import { redact } from "./redact.ts";

interface Rule {
  /** Matches a SQLSTATE or a system error code. */
  code: RegExp;
  exitCode: ExitCode;
  what: string;
  next: string;
}

/** One table from the error's code to what it means for the caller; the first match counts. */
const rules: readonly Rule[] = [
  {
    code: /^(08...|57P0[1-5]|53300|EPIPE|ECONN\w+|E(NET|HOST)\w+|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/,
    exitCode: ExitCode.Unreachable,
    what: "The database cannot be reached, or the connection was lost",
    next: "Try again; check host, port and network when it stays so.",
  },
  {
    code: /^25P03$/,
    exitCode: ExitCode.Unreachable,
    what: "The database ended the session, which held a transaction open too long without a statement",
    next: "Try again; when it stays so, take out of the transaction what takes long but is no SQL.",
  },
  {
    code: /^(40001|40P01)$/,
    exitCode: ExitCode.Unreachable,
    what: "The database undid the transaction because of a conflict with another one",
    next: "Try again.",
  },
  {
    code: /^25006$/,
    exitCode: ExitCode.Unreachable,
    what: "The database is read-only (a standby, or a failover is under way)",
    next: "Try again; check that DATABASE_URL names the primary when it stays so.",
  },
  {
    code: /^28...$/,
    exitCode: ExitCode.Denied,
    what: "The database refused the login",
    next: "Check user and password in DATABASE_URL.",
  },
  {
    code: /^42501$/,
    exitCode: ExitCode.Denied,
    what: "The role in DATABASE_URL may not do this",
    next: "Run as the role that owns the schema's objects (see migrator bootstrap).",
  },
  {
    code: /^3D000$/,
    exitCode: ExitCode.Usage,
    what: "The database named in DATABASE_URL does not exist",
    next: "Create it (migrator bootstrap does) or correct the URL.",
  },
  {
    code: /^(3F000)$/,
    exitCode: ExitCode.Usage,
    what: "The schema does not exist",
    next: "Create it or correct --record-schema.",
  },
  {
    code: /^(ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+)$/,
    exitCode: ExitCode.Usage,
    what: "The TLS connection to the database could not be trusted",
    next: "Check sslmode and sslrootcert in DATABASE_URL.",
  },
  {
    code: /^55P03$/,
    exitCode: ExitCode.LockTimeout,
    what: "A lock was not granted within lock_timeout",
    next: "Try again when the sessions that hold it are done.",
  },
  {
    code: /^53100$/,
    exitCode: ExitCode.MigrationFailed,
    what: "The database server has no disk space left",
    next: "Make room, then run again.",
  },
];

/** Errors of the driver that carry no code. */
const messages: ReadonlyArray<[pattern: RegExp, code: string]> = [
  [/^(Connection terminated|Client has encountered a connection error|timeout expired)/, "08006"],
  [/^(timeout exceeded when trying to connect|Query read timeout)/, "08006"],
  [/^SASL: /, "28P01"],
  [/^The server does not support SSL/, "ERR_SSL_UNSUPPORTED"],
];

/** SQLSTATE or system code of an error, looking through TypeORM's wrapping and Node's AggregateError. */
export function codeOf(error: unknown): string | undefined {
  const { code, driverError, errors, message, syscall } = (error ?? {}) as Record<string, unknown>;
  // A missing socket file is a server that does not run; any other missing file is not about the database.
  if (code === "ENOENT" && syscall === "connect") return "08001";
  if (typeof code === "string") return code;
  if (driverError) return codeOf(driverError);
  if (Array.isArray(errors)) return errors.map(codeOf).find((found) => found !== undefined);
  return messages.find(([pattern]) => typeof message === "string" && pattern.test(message))?.[1];
}

/** Turns whatever was thrown into an error with an exit code and a sentence. */
export function classify(error: unknown, migration?: string, doing = "applying"): MigratorError {
  if (error instanceof MigratorError) return error;
  const code = codeOf(error);
  const rule = rules.find((candidate) => code !== undefined && candidate.code.test(code));
  const where = migration === undefined ? "" : ` (while ${doing} ${migration})`;
  const facts = { ...(code && { code }), ...(migration && { migration, ...statementOf(error) }) };
  if (rule === undefined) {
    const what = migration === undefined ? "The command failed" : `${migration} failed`;
    return new MigratorError(ExitCode.MigrationFailed, `${what}: ${describe(error)}.`, {
      next: "Nothing will change by itself: repair the cause, then run again.",
      facts,
      cause: error,
    });
  }
  return new MigratorError(rule.exitCode, `${rule.what}${where}: ${describe(error)}.`, {
    next: rule.next,
    facts,
    cause: error,
  });
}

const longestSql = 200;

/** The statement TypeORM ran, on one line. Redacted before it is cut: half a password would not be recognised. */
export function statementOf(error: unknown): { sql?: string } {
  const { query } = (error ?? {}) as { query?: unknown };
  if (typeof query !== "string") return {};
  const line = redact(query).replace(/\s+/g, " ").trim();
  return { sql: line.length > longestSql ? `${line.slice(0, longestSql - 1)}…` : line };
}

function describe(error: unknown): string {
  const { driverError, errors } = (error ?? {}) as { driverError?: unknown; errors?: unknown[] };
  if (driverError) return describe(driverError);
  const message = error instanceof Error ? error.message : String(error);
  // Node reports "::1 and 127.0.0.1 refused" as an AggregateError with an empty message.
  const text = message || (errors ?? []).map(describe).join("; ") || "no message";
  const { detail } = (error ?? {}) as { detail?: unknown };
  return (typeof detail === "string" ? `${text} (${detail})` : text).replace(/\.+$/, "");
}
