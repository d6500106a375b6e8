import { markdownTable as table } from "../../lib/markdown-table.ts";
import type { Cell } from "../cell.ts";
import { strategies } from "../strategies.ts";
import { trials } from "../trials.ts";
import { factsOf } from "./facts.ts";
import { glanceOf } from "./glance.ts";
import { columnsOf } from "./words.ts";

/** results.md: a table for each trial, and where it was measured. */
export function resultsMarkdown(cells: Cell[]): string {
  const total = strategies.length * trials.length;
  const missing = cells.length < total ? `\nOnly ${cells.length} of ${total} cells are measured.\n` : "";
  const tables = trials.flatMap((trial) => {
    const rows = strategies.flatMap(({ name }) =>
      cells.filter((cell) => cell.trial === trial.name && cell.strategy === name),
    );
    if (rows.length === 0) return [];
    const columns = columnsOf(trial.name);
    return [
      `## ${trial.title}\n\n${trial.what}.\n`,
      table(
        ["strategy", ...columns.map(({ title }) => title)],
        rows.map((cell) => [`\`${cell.strategy}\``, ...columns.map(({ of }) => of(cell))]),
      ),
    ];
  });
  return `# Strategies, measured

Written by \`make lab\`; the data is in [results.json](results.json), the same with charts in results.html. What the
strategies are, and which to choose: [README](README.md).
${missing}
${table(["", ""], factsOf(cells))}
## At a glance

Failed requests with the longest time without an answer, other harm, when the last new pod was ready, and how the next
deploy went where one was made.

${overview(cells)}
${tables.join("\n")}
${legend}`;
}

/** Every cell in a few words. */
const overview = (cells: Cell[]): string =>
  table(
    ["strategy", ...trials.map(({ name }) => `\`${name}\``)],
    strategies.map(({ name }) => [
      `\`${name}\``,
      ...trials.map((trial) => {
        const cell = cells.find(({ strategy, trial: its }) => strategy === name && its === trial.name);
        return cell ? glanceOf(cell).lines.join("; ") : "not measured";
      }),
    ]),
  );

const legend = `## How to read it

- **deployed in**: from the order to the last new pod ready; _never_: not while it was watched.
- **longest without an answer**: the longest time in which not one request was answered as expected.
- **migration ran**: _begun_ by the logs of whatever ran it, _recorded_ by rows in the record of migrations, _done_ by
  its effect in the data.
- **the operator has to**: what made the next deploy of the same release work. It was tried plainly first (for a hook
  with Helm 3, too), then as the strategy's page says; what did not work is said beside it.
- **may change the schema**: who was seen with a Secret whose role may create in the schema, by the database's own answer.
`;
