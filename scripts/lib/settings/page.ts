import { markdownTable } from "../markdown-table.ts";
import { onCluster, type Setting, settingNames, settings, targets } from "./table.ts";

export const settingsPage = "docs/settings.md";

/** The document of all settings. A test holds the committed one against it. */
export function pageOfSettings(): string {
  const rows = settingNames.map((name) => {
    const { about, words, otherwise, takenBy }: Setting = settings[name];
    return [`\`${name}\``, about, words, otherwise, takenBy === "all" ? "all" : inShort(takenBy)];
  });
  return `# Settings

\`make demo FROM=v2 TO=v3 RATE=100\`, or from the environment: \`RATE=100 make demo\`. An empty one counts as none. What is
wrong is said at once, before anything is done, with exit code 2: a value that is none, a setting that the target does not
take, and, on make's command line, a name that is none. Of the environment only these names are read.

${markdownTable(["setting", "what it is", "values", "without it", "taken by"], rows)}
\`scripts/lib/settings/table.ts\` is where they stand; this page is written from it: \`node scripts/settings.ts\`.
`;
}

/** Those on a cluster are many. */
function inShort(takenBy: readonly string[]): string {
  const others = targets.filter((target) => takenBy.includes(target) && !onCluster.includes(target));
  return onCluster.every((target) => takenBy.includes(target))
    ? ["all that stand on a cluster", ...others].join(", ")
    : takenBy.join(", ");
}
