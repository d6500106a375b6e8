import { randomUUID } from "node:crypto";
import { relative } from "node:path";
import type { LintResult } from "../commands/lint.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Finding } from "../lint/finding.ts";
import { redacted } from "../redact.ts";
import type { Outcome } from "../report.ts";
import { meaning } from "../shadow/lock-words.ts";

export function showLint(result: LintResult, format: "text" | "json" | "github"): Outcome {
  const standing = result.findings.filter(({ accepted }) => accepted === undefined);
  const accepted = result.findings.length - standing.length;
  const exitCode = standing.length === 0 ? ExitCode.Ok : ExitCode.MigrationFailed;
  const facts = { judged: result.judged.length, findings: standing.length, accepted };
  const judged = `${facts.judged} migration${facts.judged === 1 ? "" : "s"} judged`;
  const found = `${facts.findings} finding${facts.findings === 1 ? "" : "s"} unsafe, ${accepted} accepted`;
  const counts = `${judged}: ${found}`;
  const outcome = { exitCode, summary: counts, result: forMachines(result), facts, foreign: true };
  if (format === "json")
    return { ...outcome, table: JSON.stringify({ exitCode, ...outcome.result }, redacted), foreign: false };
  const text = result.findings.map(findingText).join("\n\n") || `${judged}, nothing unsafe.`;
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
  const { rule, migration, phase, file, line, sql, message, lasts, fix, accepted } = finding;
  const [head = "", ...rest] = sql.split("\n").filter((text) => text.trim() !== "");
  return [
    `${accepted === undefined ? "UNSAFE" : "ok"} ${rule}: ${migration} (${phase}), ${here(file)}:${line}`,
    ...(head === "" ? [] : [`  sql    ${head.trim()}${rest.length > 0 ? " …" : ""}`]),
    `  why    ${message}`,
    `  lock   ${lockText(finding)}`,
    `  lasts  ${lasts}`,
    accepted === undefined ? `  safe   ${fix}` : `  ok     ${accepted}`,
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
    const { accepted, file, line, rule, message, lasts, fix } = finding;
    const kind = accepted === undefined ? "error" : "notice";
    const body = `${message}\nLock: ${lockText(finding)}\nLasts: ${lasts}\n${accepted === undefined ? fix : `Accepted: ${accepted}`}`;
    return `::${kind} file=${property(inRepository(file))},line=${line},title=${property(rule)}::${data(body)}`;
  });
  const token = randomUUID();
  return [...marks, `::stop-commands::${token}`, text, `::${token}::`].join("\n");
}

/** Annotations name files from the repository's root. */
const inRepository = (path: string) => relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), path);

const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
