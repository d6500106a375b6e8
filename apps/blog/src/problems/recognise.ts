import { QueryFailedError } from "typeorm";
import { Problem } from "./problem.ts";

/** Any error as a Problem. What is not recognised becomes a bare 500, whose cause goes to the log alone. */
export function recognise(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isHttpError(error)) return fromHttp(error);
  if (isUnavailable(error)) {
    return new Problem(503, "The database cannot be reached just now; try again.", {
      headers: { "Retry-After": "1" },
      cause: error,
    });
  }
  if (isDataException(error)) {
    return new Problem(400, "The request contains a value that cannot be stored or looked for.", {
      cause: error,
    });
  }
  return new Problem(500, "Something went wrong on our side.", { cause: error });
}

interface HttpError extends Error {
  status: number;
  type?: string;
}

/** Errors of Express and its body parsers. */
const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && "status" in error && typeof error.status === "number" && error.status < 500;

function fromHttp({ status, type, message, name }: HttpError): Problem {
  if (type === "entity.parse.failed") return new Problem(400, "The body is not valid JSON.");
  if (type === "charset.invalid") return new Problem(400, "The body is not valid UTF-8.");
  if (type === "entity.too.large") return new Problem(413, "The body is too large.");
  if (name === "URIError") return new Problem(400, "The address is not validly encoded.");
  return new Problem(status, message);
}

// Connection exceptions, too many connections, shutdown and start of the server, a cancelled statement, a read-only
// server, a deadlock or lock timeout: nothing was written, and trying again is right.
const unavailable = /^(08...|53300|57P0.|57014|25006|40001|40P01|55P03)$/;
const networkErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
]);

function isUnavailable(error: unknown): boolean {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (!(cause instanceof Error)) return false;
  const code = "code" in cause ? String(cause.code) : "";
  if (unavailable.test(code) || networkErrors.has(code)) return true;
  // pg and pg-pool report these without a code.
  return /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable/i.test(
    cause.message,
  );
}

/**
 * What the checks of input let through and PostgreSQL cannot hold: out of range, not of the type's form, no character of
 * its encoding, too large for an index.
 */
function isDataException(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code } = error.driverError as { code?: string };
  return /^(22001|22003|22007|22008|22021|22P02|22P05|54000)$/.test(code ?? "");
}

/** The constraint that refused a row, by name, or undefined for other errors. */
export function brokenConstraint(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { code, constraint } = error.driverError as { code?: string; constraint?: string };
  return code === "23503" || code === "23505" ? constraint : undefined;
}
