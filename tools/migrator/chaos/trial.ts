import { appRole, password } from "./database.ts";
import type { Schema } from "./invariants.ts";
import { type End, endWithin, type Program, type Running, runBoundMs } from "./program.ts";
import type { Templates } from "./templates.ts";

/** What a trial begins with. */
export interface Ground {
  program: Program;
  templates: Templates;
  /** What an undisturbed run leaves. */
  expected: Schema;
}

/** How one ended. */
export interface Trial {
  name: string;
  kind: string;
  /** It fell where it was meant to. */
  counted: boolean;
  phase?: string | undefined;
  violations: string[];
  durationMs: number;
  facts: Record<string, unknown>;
  logs?: string[];
}

export const up = ["up", "--phase", "all", "--reader", appRole];

/** What is wrong with the end of a run that had to succeed. */
export async function failure(run: Running): Promise<string[]> {
  const end = await endWithin(run, runBoundMs);
  if (end === undefined) return [`the next run does not end within ${runBoundMs} ms`];
  return end.code === 0 ? untold(end) : [`the next run ends with ${wordsOf(end)}`, ...untold(end)];
}

/** Every end is told by a last line, and nothing of it is secret. */
export function untold(end: End): string[] {
  const line = lastLine(end);
  return [
    ...(line.startsWith("{") ? [] : [`the last line is no summary: ${line}`]),
    ...(end.log.includes(password) ? ["the password is in the output"] : []),
  ];
}

/** Its code, and what its summary says. */
export function wordsOf(end: End): string {
  const { code, message } = /^{.*}$/.test(lastLine(end))
    ? JSON.parse(lastLine(end))
    : { message: lastLine(end) };
  return `${end.code ?? end.signal}${code ? ` (${code})` : ""}: ${message}`;
}

/** When it said its last line, by performance.now(). */
export function toldAt(end: End): number {
  const [, time = ""] = /"time":"([^"]+)"/.exec(lastLine(end)) ?? [];
  return Date.parse(time) - performance.timeOrigin;
}

const lastLine = ({ log }: End) => log.trimEnd().split("\n").at(-1) ?? "";

/** For the report: whoever looks for the cause reads this. */
export async function logOf(run: Running): Promise<string> {
  const { code, signal, log } = await run.end;
  return `${log.slice(-6_000)}\n(ended with ${code ?? signal})`;
}
