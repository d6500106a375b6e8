import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatted } from "../lib/formatted.ts";
import type { Environment } from "../lib/report/record/environment.ts";
import { soakResults } from "./results.ts";
import type { ratios, Tally } from "./tally.ts";

/** What one `make soak` has shown, so far. */
export interface SoakRun extends Tally {
  format: 1;
  /** ms since the epoch. */
  startedAt: number;
  minutes: number;
  /** Why it is not green; none where it is. */
  reasons: string[];
  ratios: ReturnType<typeof ratios>;
  environment: Environment;
}

/**
 * Keeps a run under the time it began, beside those before it, and writes the table of all of them anew. A run that went
 * red is kept as well.
 */
export async function keepRun(folder: string, run: SoakRun): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, fileOf(run)),
    await formatted(`docs/soak/${fileOf(run)}`, JSON.stringify(run, undefined, 2)),
  );
  await writeFile(join(folder, "README.md"), await pageOf(folder));
}

/** README.md of a folder of runs. */
export const pageOf = async (folder: string): Promise<string> =>
  formatted("docs/soak/README.md", soakResults(await readRuns(folder)));

/** Oldest first. */
async function readRuns(folder: string): Promise<SoakRun[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-\d\d-\d\dT\d{4}\.json$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as SoakRun),
  );
}

/** Such as 2026-01-31T2359.json, in UTC. */
const fileOf = ({ startedAt }: SoakRun) =>
  `${new Date(startedAt).toISOString().slice(0, 16).replace(":", "")}.json`;
