import { objectsOf, type Rendered } from "../../lib/charts/render.ts";
import type { Objects } from "../cell.ts";

/** Objects of a release as rendered, against those of the blog that migrates in no way. */
export function compared(manifest: string, bare: string, pipeline: Iterable<string>): Objects {
  const [all, before] = [withoutTests(objectsOf(manifest)), withoutTests(objectsOf(bare))];
  const names = new Set(before.map(nameOf));
  return {
    counts: countsOf(all),
    added: all
      .map(nameOf)
      .filter((name) => !names.has(name))
      .sort(),
    granted: all.filter(({ kind }) => kind === "Role").flatMap(({ rules }) => rules.map(ruleInWords)),
    pipeline: [...pipeline].sort(),
  };
}

/** Of `helm test`, which no deploy makes. */
const withoutTests = (objects: Rendered[]) =>
  objects.filter(({ metadata }) => metadata?.annotations?.["helm.sh/hook"] !== "test");

const nameOf = ({ kind, metadata }: Rendered) =>
  `${kind} ${metadata?.name?.replace(/-[0-9a-f]{10}$/, "-‹hash›")}`;

function countsOf(objects: Rendered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind = "" } of objects) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const ruleInWords = (rule: { verbs: string[]; resources: string[]; resourceNames?: string[] }) =>
  `${rule.verbs.join(", ")} ${rule.resources.join(", ")}${rule.resourceNames ? " (one by name)" : ""}`;
