import * as z from "zod";

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const schema = z.object({
  /** PostgreSQL itself (no pooler), as the role that may read and write rows but change no schema. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must be a URL like postgres://user:password@host:5432/blog" })
    // The presence session and the pool are told apart from older releases by this very name.
    .refine((url) => !/[?&]application_name=/.test(url), "must not set application_name: the blog sets it"),
  /** Where the migrator keeps its record, as its --record-schema and --record-table: the floor is beside it. */
  RECORD_SCHEMA: z.string().default("public"),
  RECORD_TABLE: z
    .string()
    // From longer names the migrator derives the floor's in another way.
    .refine((name) => Buffer.byteLength(name) <= 57, "must have at most 57 bytes")
    .default("migrations"),
  PORT: whole(0, 65_535).default(3000),
  /** Where Prometheus finds /metrics: not on PORT, which everybody may reach. 0 takes any free port. */
  METRICS_PORT: whole(0, 65_535).default(9464),
  /** How long idle keep-alive connections are kept after SIGTERM, each told to close with its next answer. */
  DRAIN_SECONDS: whole(0, 300).default(5),
  /** How long requests in flight may take after the drain window before they are cut. */
  SHUTDOWN_SECONDS: whole(1, 300).default(15),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  /** Connections of one replica; replicas (one more during a rollout) times this must fit the server. */
  POOL_SIZE: whole(1, 100).default(10),
  /** How long a request waits for a free connection before it is answered with 503. */
  POOL_WAIT_MS: whole(100, 60_000).default(5000),
  /** PostgreSQL cancels a statement of ours that runs longer, whatever it waits for. */
  STATEMENT_TIMEOUT_MS: whole(100, 60_000).default(5000),
});

export type Env = z.infer<typeof schema>;

export class BadEnvironment extends Error {}

/** Reads the configuration; throws one error that names every fault, never a value (it may be a secret). */
export function readEnv(source: NodeJS.ProcessEnv): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => {
    const name = path.join(".");
    return `  ${name} ${given[name] === undefined ? "is missing" : message}`;
  });
  throw new BadEnvironment(
    `The blog cannot start. Set these environment variables right:\n${faults.join("\n")}`,
  );
}
