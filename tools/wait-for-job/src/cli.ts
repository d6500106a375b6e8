// node:util's parseArgs, not commander as elsewhere in this repository: commander loads for 6 to 9 ms, and every
// pod of every rollout pays it. The budget is one bare start of Node for everything up to the first WATCH.
import { parseArgs } from "node:util";
import type { ClusterFlags } from "./cluster.ts";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./errors.ts";

export const USAGE = `Usage: wait-for-job <job...> [options]

Holds a pod until its Kubernetes Jobs are Complete or, with --schema, until the database has the release's schema,
however it came there and whatever the Jobs do. The database is asked at the start, when a Job ends, every 3 to 6 s
while no Job can be seen, and every 10 to 20 s while one is (pauses are spread by half).

Options:
  --namespace <name>       namespace of the Jobs (default: the pod's own; outside a pod: default)
  --timeout <duration>     give up after this long: 10m, 90s, 1h30m (default: 10m)
  --schema <key>           let the database in DATABASE_URL decide: open when this migration is recorded
  --level <level>          level of this release, with --schema: refuse when the database has moved past it
  --record-table <name>    table that records what is applied (default: migrations), with <name>_floor beside it
  --record-schema <name>   PostgreSQL schema of the record tables (default: the search_path)
  --confirm-within <dur.>  Jobs Complete, but the database says no: ask again for this long (default: 10s)
  --server <url>           API server, outside a pod; https:// or http://
  --token-file <path>      bearer token, read anew for every request
  --ca-file <path>         certificate authority of the API server
  --diagnostics            at failure or timeout say also what the Job's pods and their logs tell; needs get and
                           list of pods and get of pods/log, and does without where they are not granted
  --termination-log <path> where the last line goes, if the file exists (default: /dev/termination-log)
  --verbose                show the stack of an unexpected error
  --help                   show this

Exit codes:
  0  open                                 4  the API server refuses (401, 403); the missing rule is printed
  1  a Job failed                         5  the Jobs are Complete, but the database does not have the schema
  2  bad arguments or configuration       6  the database has moved past this release
  3  not ended within --timeout          70  unexpected error; SIGTERM 143, SIGINT 130`;

export interface Options extends ClusterFlags {
  readonly jobs: readonly string[];
  readonly timeout: number;
  readonly schema?: SchemaOptions | undefined;
  readonly confirmFor: number;
  readonly diagnostics: boolean;
}

export interface SchemaOptions {
  readonly key: string;
  readonly level: string;
  readonly recordSchema?: string | undefined;
  /** As the migrator's --record-table. */
  readonly recordTable?: string | undefined;
}

export const TERMINATION_LOG = "/dev/termination-log";

const FLAGS = {
  namespace: { type: "string" },
  timeout: { type: "string", default: "10m" },
  schema: { type: "string" },
  level: { type: "string" },
  "record-table": { type: "string" },
  "record-schema": { type: "string" },
  "confirm-within": { type: "string", default: "10s" },
  server: { type: "string" },
  "token-file": { type: "string" },
  "ca-file": { type: "string" },
  diagnostics: { type: "boolean", default: false },
  "termination-log": { type: "string", default: TERMINATION_LOG },
  verbose: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** The words of the command line, nothing judged yet. */
export function readFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(". ")[0]}.`, { cause });
  }
}

/** What the command line asks for; throws a UsageError that names what to change. */
export function readOptions({ values, positionals }: ReturnType<typeof readFlags>): Options {
  if (positionals.length === 0) throw new UsageError("Name at least one Job.");
  for (const name of positionals) requireName(name, "a Job");
  if (values.namespace !== undefined) requireName(values.namespace, "a namespace");
  return {
    jobs: [...new Set(positionals)],
    namespace: values.namespace,
    timeout: duration("--timeout", values.timeout),
    schema: readSchema(values.schema, values.level, {
      "--record-schema": values["record-schema"],
      "--record-table": values["record-table"],
    }),
    confirmFor: duration("--confirm-within", values["confirm-within"]),
    diagnostics: values.diagnostics,
    server: values.server,
    tokenFile: values["token-file"],
    caFile: values["ca-file"],
  };
}

function readSchema(
  key: string | undefined,
  level: string | undefined,
  record: Record<"--record-schema" | "--record-table", string | undefined>,
): SchemaOptions | undefined {
  const [named] = Object.entries(record).filter(([, name]) => name !== undefined);
  if (key === undefined && level === undefined) {
    if (named) throw new UsageError(`${named[0]} means nothing without --schema.`);
    return undefined;
  }
  if (!key || level === undefined) throw new UsageError("--schema and --level belong together; give both.");
  if (!/^\d{1,18}$/.test(level)) {
    throw new UsageError(
      `--level must be the number in migrations.json, like 1760000000000, not "${level}".`,
    );
  }
  for (const [flag, name] of Object.entries(record)) {
    if (name === "") throw new UsageError(`${flag} is empty.`);
    if (name !== undefined && Buffer.byteLength(name) > 63)
      throw new UsageError(`${flag} has more than 63 bytes, and PostgreSQL cuts longer names.`);
  }
  return { key, level, recordSchema: record["--record-schema"], recordTable: record["--record-table"] };
}

function requireName(name: string, what: string): void {
  if (name.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name)) return;
  throw new UsageError(
    `"${name}" cannot be the name of ${what}: lower-case letters, digits, "-" and "." only.`,
  );
}

function duration(flag: string, text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    throw new UsageError(`${flag} must be a duration like 10m, 90s or 1h30m (at most 576h), not "${text}".`);
  }
  return milliseconds;
}
