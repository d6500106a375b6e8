import type { Definition } from "./definitions.ts";

/** Where a database is not what migrations make of an empty one. */
export interface Difference {
  object: string;
  what: "missing" | "extra" | "different";
  /** What the migrations make. */
  expected?: string;
  /** What the database has. */
  found?: string;
}

/** Parts of a table that is missing, or extra, as a whole are not listed. */
export function differencesBetween(
  expected: readonly Definition[],
  found: readonly Definition[],
): Difference[] {
  const wanted = new Map(expected.map((one) => [one.object, one]));
  const there = new Map(found.map((one) => [one.object, one]));
  const isAlone = ({ of }: Definition, others: Map<string, Definition>) => of === null || others.has(of);
  return [
    ...expected.flatMap((one): Difference[] => {
      const other = there.get(one.object);
      if (other?.definition === one.definition) return [];
      if (other !== undefined)
        return [{ object: one.object, what: "different", expected: one.definition, found: other.definition }];
      return isAlone(one, there) ? [{ object: one.object, what: "missing", expected: one.definition }] : [];
    }),
    ...found
      .filter((one) => !wanted.has(one.object) && isAlone(one, wanted))
      .map((one): Difference => ({ object: one.object, what: "extra", found: one.definition })),
  ];
}

const longest = 120;

export function describeDifference({ object, what, expected, found }: Difference): string {
  const plain = (text = "") => {
    const line = text.replace(/\s+/g, " ").trim();
    return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
  };
  if (what === "missing") return `${object} is missing (${plain(expected) || "it has no definition"})`;
  if (what === "extra") return `${object} is not made by these migrations`;
  return `${object} is ${plain(found) || "plain"}, not ${plain(expected) || "plain"}`;
}
