import { UsageError } from "./errors.ts";
import { readFile, whyUnreadable } from "./files.ts";

/** Parameters of a URL that name files, which pg reads whenever it connects. */
const FILES = ["sslrootcert", "sslcert", "sslkey"];

/**
 * The URL of the database, checked here so that no message of a URL parser, which would quote the password, is ever
 * printed, and so that a file that is missing is said at once: nothing that is mounted into a pod comes later.
 */
export function readDatabaseUrl(env: NodeJS.ProcessEnv): string {
  const url = env.DATABASE_URL;
  if (!url) throw new UsageError("--schema needs the database in the environment variable DATABASE_URL.");
  const parsed = /^postgres(ql)?:\/\//.test(url) ? URL.parse(url) : null;
  if (parsed === null) {
    throw new UsageError(
      "DATABASE_URL is not a postgres:// URL (its value is not shown: it may hold a password).",
    );
  }
  for (const name of FILES) {
    const path = parsed.searchParams.get(name);
    if (path) requireFile(path, `${name} of DATABASE_URL`);
  }
  // Node itself would only warn, and trust nobody that the file was to make trusted.
  if (env.NODE_EXTRA_CA_CERTS) requireFile(env.NODE_EXTRA_CA_CERTS, "NODE_EXTRA_CA_CERTS");
  return url;
}

function requireFile(path: string, what: string): void {
  try {
    readFile(path);
  } catch (cause) {
    throw new UsageError(
      `Cannot read ${path}, the file in ${what} (${whyUnreadable(cause)}). Is it mounted into this container?`,
      { cause },
    );
  }
}
