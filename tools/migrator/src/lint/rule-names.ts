import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { knowsRule } from "./squawk.ts";

/** The rules of our own, as `ok` and `--exclude` name them; README.md says what each refuses. */
export const ruleNames = [
  "drop-in-use",
  "rename",
  "contract-work",
  "required-column",
  "set-not-null",
  "foreign-key",
  "scan-under-lock",
  "create-index",
  "add-unique",
  "rewrite-default",
  "type-change",
  "rewrite",
  "held-across",
  "unbatched-write",
  "backfill-not-batched",
  "not-repeatable",
  "unnamed-index",
  "fails",
  "unseen",
  "override",
];

/** Refuses a name that is no rule's: it would leave nothing out, and nobody would notice. */
export async function checkRuleNames(names: readonly string[], squawk: string): Promise<void> {
  for (const name of names) {
    const [, ofSquawk] = /^squawk\/(.+)$/.exec(name) ?? [];
    const known = ofSquawk === undefined ? ruleNames.includes(name) : await knowsRule(squawk, ofSquawk);
    if (known) continue;
    throw new MigratorError(ExitCode.Usage, `--exclude ${name}: there is no such rule.`, {
      next: `There are ${ruleNames.join(", ")}, and squawk's own as squawk/NAME.`,
    });
  }
}
