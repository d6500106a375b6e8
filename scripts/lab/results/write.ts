import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatted } from "../../lib/formatted.ts";
import { root } from "../../lib/paths.ts";
import type { Cell } from "../cell.ts";
import { strategies } from "../strategies.ts";
import { trials } from "../trials.ts";
import { resultsMarkdown } from "./markdown.ts";
import { resultsPage } from "./page.ts";

/** Where the results of a whole lab are for readers. */
export const published = join(root, "docs/strategies");

/** What is written, by file name: nothing in table and page that is not in the data. */
export const resultsOf = async (cells: Cell[]) => ({
  "results.md": await formatted("docs/strategies/results.md", resultsMarkdown(cells)),
  "results.json": await formatted("docs/strategies/results.json", JSON.stringify({ format: 1, cells })),
  "results.html": resultsPage(cells),
});

/**
 * Table, data and page of all cells of a build; where docs/ has them only once every cell is there, so that what is
 * published was measured on one build as a whole.
 */
export async function writeResults(folder: string, cells: Cell[]): Promise<string[]> {
  const complete = cells.length === strategies.length * trials.length;
  const files = await resultsOf(cells);
  const written: string[] = [];
  for (const into of new Set(complete ? [folder, published] : [folder])) {
    await mkdir(into, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(into, name), text);
      written.push(join(into, name));
    }
  }
  return written;
}
