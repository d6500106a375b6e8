import { pino } from "pino";
import { up } from "../../src/commands/up.ts";
import type { MigratorError } from "../../src/errors.ts";

export interface Outcome {
  applied: string[];
  error: MigratorError | undefined;
  /** Every line of the log, as JSON. */
  log: string;
}

/** `up` in this process: a crash is then a connection that ends. Starting a process costs more than the rest of a case. */
export async function upHere(url: string, migrations: string, lockBudgetMs = 10_000): Promise<Outcome> {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(line) });
  const limits = { lockTimeoutMs: 200, statementBudgetMs: 20_000 };
  const audience = { readers: [], ignored: [] };
  const options = {
    url,
    migrations,
    audience,
    phase: "all",
    waitMs: 5_000,
    soakMs: 0,
    limits,
    lockBudgetMs,
  } as const;
  try {
    const { applied } = await up(options, log, new AbortController().signal);
    return { applied: applied.map(({ name }) => name), error: undefined, log: lines.join("") };
  } catch (error) {
    return { applied: [], error: error as MigratorError, log: lines.join("") };
  }
}
