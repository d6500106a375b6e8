import { randomUUID } from "node:crypto";
import { relative } from "node:path";
import type { LintResult } from "../commands/lint.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Finding } from "../lint/finding.ts";
import type { Outcome } from "../report.ts";
import { meaning } from "../shadow/lock-words.ts";

export function showLint(result: LintResult, format: "text" | "json" | "github"): Outcome {
  const standing = result.findings.filter(({ overridden }) => overridden === undefined);
  const overridden = result.findings.length - standing.length;
  const exitCode = standing.length === 0 ? ExitCode.Ok : ExitCode.MigrationFailed;
  const facts = { judged: result.judged.length, findings: standing.length, overridden };
  const counts = `${facts.judged} judged, ${facts.findings} unsafe, ${overridden} accepted with a reason`;
  const outcome = { exitCode, summary: counts, result: forMachines(result), facts };
  if (format === "json") return { ...outcome, table: JSON.stringify({ exitCode, ...outcome.result }) };
  const text = result.findings.map(findingText).join("\n\n") || `Nothing unsafe in ${counts.split(",")[0]}.`;
  return { ...outcome, table: format === "github" ? annotated(result.findings, text) : text };
}

const forMachines = (result: LintResult) => ({
  ...result,
  findings: result.findings.map(({ lock, ...finding }) => ({
    ...finding,
    file: here(finding.file),
    lock: lock && { ...lock, blocks: meaning[lock.mode].blocks },
  })),
});

const here = (path: string) => relative(process.cwd(), path) || path;

function findingText(finding: Finding): string {
  const { rule, migration, phase, file, line, sql, message, lasts, fix, overridden } = finding;
  const [head = "", ...rest] = sql.split("\n").filter((text) => text.trim() !== "");
  return [
    `${overridden === undefined ? "UNSAFE" : "ok"} ${rule}: ${migration} (${phase}), ${here(file)}:${line}`,
    ...(head === "" ? [] : [`  sql    ${head.trim()}${rest.length > 0 ? " …" : ""}`]),
    `  why    ${message}`,
    `  lock   ${lockText(finding)}`,
    `  lasts  ${lasts}`,
    overridden === undefined ? `  safe   ${fix}` : `  ok     ${overridden}`,
  ].join("\n");
}

const lockText = ({ lock }: Finding) =>
  lock === undefined ? "none" : `${meaning[lock.mode].name} on ${lock.relation}: ${meaning[lock.mode].words}`;

/**
 * GitHub turns these lines into marks on the pull request. It reads commands wherever they stand, so the text, which
 * has SQL in it, comes between two lines that switch that off.
 */
function annotated(findings: readonly Finding[], text: string): string {
  const marks = findings.map((finding) => {
    const { overridden, file, line, rule, message, lasts, fix } = finding;
    const kind = overridden === undefined ? "error" : "notice";
    const body = `${message}\nLock: ${lockText(finding)}\nLasts: ${lasts}\n${overridden === undefined ? fix : `Accepted: ${overridden}`}`;
    return `::${kind} file=${property(inRepository(file))},line=${line},title=${property(rule)}::${data(body)}`;
  });
  const token = randomUUID();
  return [...marks, `::stop-commands::${token}`, text, `::${token}::`].join("\n");
}

/** Annotations name files from the repository's root. */
const inRepository = (path: string) => relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), path);

const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
