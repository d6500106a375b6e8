import { accessSync, constants, statSync } from "node:fs";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";

export interface DatabaseTarget {
  user: string;
  password: string;
  database: string;
}

/** Checks a connection URL before any driver sees it, and never repeats it: it holds a password. */
export function databaseUrl(text: string | undefined, variable = "DATABASE_URL"): string {
  if (text === undefined || text === "") {
    throw new MigratorError(ExitCode.Usage, `${variable} is not set.`, {
      next: `Set it to postgres://USER:PASSWORD@HOST:5432/DATABASE.`,
    });
  }
  parse(text, variable);
  return text;
}

/** User, password and database of a URL; all three must be there. */
export function databaseTarget(text: string | undefined, variable: string): DatabaseTarget {
  const url = parse(databaseUrl(text, variable), variable);
  const target = {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
  // The driver leaves these as they are written, so it would look for another name.
  if (target.database !== decodeURI(url.pathname.slice(1))) {
    throw new MigratorError(
      ExitCode.Usage,
      `${variable} names a database with an encoded ${/%(?:2[3468BCF]|3[ABDF]|40)/i.exec(url.pathname)?.[0]}, which drivers read differently.`,
      { next: "Write the character as it is; where a URL cannot hold it (? and #), choose another name." },
    );
  }
  const missing = Object.entries(target).filter(([, value]) => value === "");
  if (missing.length > 0) {
    throw new MigratorError(
      ExitCode.Usage,
      `${variable} has no ${missing.map(([name]) => name).join(", no ")}.`,
      {
        next: "Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.",
      },
    );
  }
  return target;
}

function parse(text: string, variable: string): URL {
  const url = parsed(text, variable);
  for (const parameter of ["sslrootcert", "sslcert", "sslkey"]) readable(url, parameter, variable);
  return url;
}

/** The driver reads these files when it connects, and its error says nothing of where they are named. */
function readable(url: URL, parameter: string, variable: string): void {
  const path = url.searchParams.get(parameter);
  if (!path) return;
  try {
    // To open a FIFO is to wait for whoever writes into it.
    if (!statSync(path).isFile()) throw Object.assign(new Error(), { code: "no file" });
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "is not there" : `cannot be read (${code})`;
    throw new MigratorError(
      ExitCode.Usage,
      `The file that ${variable} names as ${parameter}, ${path}, ${why}.`,
      { next: "Correct the path, or mount the file.", facts: { file: path } },
    );
  }
}

function parsed(text: string, variable: string): URL {
  try {
    const url = new URL(text);
    // A stray % in the password is the usual mistake; the driver would fail on it with the URL in its message.
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    if (/^postgres(ql)?:$/.test(url.protocol)) return url;
  } catch {
    // The parser's error holds the whole URL, so it is not passed on as a cause.
  }
  throw new MigratorError(ExitCode.Usage, `${variable} is not a PostgreSQL connection URL.`, {
    next: "Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE; encode special characters in it (% as %25, @ as %40).",
  });
}
