import { basename } from "node:path";
import type { MigrationInterface } from "typeorm";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { importMigration } from "./imports.ts";
import { type Phase, phases } from "./types.ts";

type MigrationClass = new () => MigrationInterface & { phase?: unknown; needs?: unknown; touches?: unknown };

export interface MigrationClassFacts {
  name: string;
  timestamp: number;
  phase: Phase;
  transactional: boolean;
  needs: number | undefined;
  touches: readonly string[] | undefined;
  instance: MigrationInterface;
}

/** Imports one file and returns the one migration class in it, instantiated. */
export async function loadMigration(path: string): Promise<MigrationClassFacts> {
  const file = basename(path);
  const Class = onlyClass(file, await importFile(path, file));
  const instance = construct(Class, file);
  const name = instance.name ?? Class.name;
  // The same rule as TypeORM's, so both tools read the same timestamp from the same name.
  const timestamp = /\d{13}$/.test(name) ? Number(name.slice(-13)) : Number.NaN;
  if (!Number.isSafeInteger(timestamp) || timestamp <= 0) {
    throw broken(file, `the class is named ${name || "(nothing)"}, without a timestamp`, {
      next: "End the class name with 13 digits (milliseconds), for example AddCategories1760000000000.",
    });
  }
  const phase = instance.phase ?? "expand";
  if (!isPhase(phase)) {
    throw broken(file, `phase ${JSON.stringify(phase)} is not one of ${phases.join(", ")}`);
  }
  const needs = needsOf({ phase, timestamp, needs: instance.needs }, file);
  const touches = touchesOf(phase, instance.touches, file);
  return { name, timestamp, phase, needs, touches, transactional: instance.transaction !== false, instance };
}

/** Code of the release that ships a contract step must be able to live with it, so `needs` is never above its level. */
function needsOf(declared: { phase: Phase; timestamp: number; needs: unknown }, file: string) {
  const { phase, timestamp, needs } = declared;
  if (needs === undefined) return phase === "contract" ? timestamp : undefined;
  if (phase !== "contract")
    throw broken(file, `needs is for contract steps, and this one is of phase ${phase}`);
  if (!/^\d{13}$/.test(String(needs)) || Number(needs) > timestamp) {
    throw broken(file, `needs is ${JSON.stringify(needs)}, not 13 digits up to its own ${timestamp}`, {
      next: "Name the level (13 digits) of the oldest release that can live with this step, or leave needs out.",
    });
  }
  return Number(needs);
}

const tableName = /^("([^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(\.("([^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*))?$/u;

/** Names of tables as SQL writes them, at least one: an empty list would say that nobody needs to be waited for. */
function touchesOf(phase: Phase, touches: unknown, file: string): readonly string[] | undefined {
  if (touches === undefined) return undefined;
  if (phase !== "contract")
    throw broken(file, `touches is for contract steps, and this one is of phase ${phase}`);
  if (
    Array.isArray(touches) &&
    touches.length > 0 &&
    touches.every((name) => typeof name === "string" && tableName.test(name))
  )
    return touches;
  throw broken(file, `touches is ${JSON.stringify(touches)}, not a list of table names`, {
    next: 'Write it as touches = ["posts", "public.categories"], or leave it out.',
  });
}

async function importFile(path: string, file: string): Promise<Record<string, unknown>> {
  try {
    return await importMigration(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const next = remedies[(cause as NodeJS.ErrnoException).code ?? ""];
    throw broken(file, why, { cause, ...(next !== undefined && { next }) });
  }
}

const notFound =
  "Nothing was changed. A package must be in a node_modules above the migrations, or bundled into them " +
  "(buildMigrations); a file is imported with its ending (./shared.ts). typeorm itself is always there.";

/** What to do next, by Node's error code. */
const remedies: Partial<Record<string, string>> = {
  ERR_MODULE_NOT_FOUND: notFound,
  MODULE_NOT_FOUND: notFound,
  ERR_UNSUPPORTED_DIR_IMPORT: notFound,
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    "Nothing was changed. Node runs erasable TypeScript only: no enum, namespace, decorator or parameter property. " +
    "Write it without them, or compile the folder with tsc and name its output.",
};

function onlyClass(file: string, module: Record<string, unknown>): MigrationClass {
  // A CommonJS module shows its exports both by name and under `default`; a Set counts each class once.
  const inner = typeof module.default === "object" && module.default !== null ? module.default : {};
  const found = new Set([...Object.values(module), ...Object.values(inner)].filter(isMigrationClass));
  const [Class] = found;
  if (Class === undefined || found.size > 1) {
    const what =
      found.size === 0 ? "it exports no class with an up method" : `it exports ${found.size} classes`;
    throw broken(file, what, { next: "Export exactly one TypeORM migration class from each file." });
  }
  return Class;
}

function construct(Class: MigrationClass, file: string) {
  try {
    return new Class();
  } catch (cause) {
    throw broken(file, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const isMigrationClass = (value: unknown): value is MigrationClass =>
  typeof value === "function" && typeof value.prototype?.up === "function";

const isPhase = (value: unknown): value is Phase => (phases as readonly unknown[]).includes(value);

const broken = (file: string, why: string, options: { next?: string; cause?: unknown } = {}) =>
  new MigratorError(ExitCode.MigrationFailed, `The migration file ${file} cannot be used: ${why}.`, {
    next: options.next ?? "Nothing was changed. Repair the file and run again.",
    facts: { file },
    cause: options.cause,
  });
