import type { Case, JudgedStatement, Verdict } from "./finding.ts";

interface Override {
  /** Undefined: the statement's one finding. */
  rule: string | undefined;
  reason: string;
  used: boolean;
}

export interface Accepted {
  verdict: Verdict;
  statement: JudgedStatement;
  reason: string | undefined;
}

/**
 * Takes the reasons given for findings: `-- ok(rule): reason`, or `-- ok: reason` where there is only one, among a
 * statement's comments; for statements that the author did not write (a helper's, TypeORM's), the property
 * `ok = { rule: "reason" }` of the class. One that accepts nothing is itself a finding: it would hide the next fault.
 */
export function accept(of: Case, findings: ReadonlyArray<Omit<Accepted, "reason">>): Accepted[] {
  const ofClass = classOverrides(of);
  const accepted: Accepted[] = [];
  for (const statement of of.statements) {
    const own = findings.filter((finding) => finding.statement === statement);
    const overrides = statement.pieces.flatMap(({ comments }) => comments.flatMap(overrideIn));
    for (const { verdict } of own) {
      const override = [...overrides, ...ofClass].find(
        ({ rule, reason }) =>
          reason !== "" && (rule === undefined ? own.length === 1 : rule === verdict.rule),
      );
      if (override !== undefined) override.used = true;
      accepted.push({ verdict, statement, reason: override?.reason });
    }
    for (const override of overrides) {
      const problem = problemOf(
        override,
        own.map(({ verdict }) => verdict.rule),
      );
      if (problem !== undefined) accepted.push({ verdict: problem, statement, reason: undefined });
    }
  }
  const [first] = of.statements;
  for (const override of ofClass) {
    const problem = problemOf(
      override,
      findings.map(({ verdict }) => verdict.rule),
    );
    if (problem !== undefined && first !== undefined) {
      accepted.push({ verdict: problem, statement: first, reason: undefined });
    }
  }
  return accepted;
}

function overrideIn(comment: string): Override[] {
  const text = comment.replace(/^--|^\/\*|\*\/$/g, "").trim();
  const found = /^ok\s*(?:\((?<rule>[^)]*)\))?\s*(?::\s*(?<reason>[\s\S]*))?$/i.exec(text)?.groups;
  if (found === undefined) return [];
  return [{ rule: found.rule?.trim() || undefined, reason: found.reason?.trim() ?? "", used: false }];
}

function classOverrides({ migration }: Case): Override[] {
  const { ok } = migration.instance as { ok?: unknown };
  if (typeof ok !== "object" || ok === null) return [];
  return Object.entries(ok).map(([rule, reason]) => ({
    rule,
    reason: typeof reason === "string" ? reason.trim() : "",
    used: false,
  }));
}

function problemOf({ rule, reason, used }: Override, rules: readonly string[]): Verdict | undefined {
  if (used) return undefined;
  const name = rule === undefined ? "ok" : `ok(${rule})`;
  const names = [...new Set(rules)].join(", ");
  const message =
    reason === ""
      ? `${name} gives no reason, so it accepts nothing.`
      : rule === undefined && rules.length > 1
        ? `ok accepts one finding and there are ${rules.length}: ${names}.`
        : `${name} accepts nothing: there is ${rules.length === 0 ? "no such finding" : `only ${names}`}.`;
  return {
    rule: "override",
    message,
    lock: undefined,
    lasts: "until somebody relies on it",
    fix: `Write -- ok(${rules[0] ?? "rule"}): and the reason in the same statement, one for each finding, or take it out.`,
  };
}
