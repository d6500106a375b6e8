import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { buildMigrations } from "../../src/migrations/build.ts";
import { classOf, fileOf, type Source, temporaryFolder } from "./folder.ts";

export interface OnlineSource extends Omit<Source, "up" | "down"> {
  /** Code, with the helpers as `online` and the runner as `runner`. */
  up: string;
  down?: string;
}

/** Migrations that import the helpers, bundled as a release's are. Outside a transaction unless told otherwise. */
export async function onlineFolder(plain: Source[], ...sources: OnlineSource[]): Promise<string> {
  // Inside the workspace, where the package's own name is found.
  const from = await mkdtemp(join(import.meta.dirname, "..", ".online-"));
  onTestFinished(() => rm(from, { recursive: true, force: true }));
  for (const source of plain) await writeFile(join(from, fileOf(source)), classOf(source));
  for (const source of sources)
    await writeFile(join(from, fileOf({ ...source, up: "" })), onlineClass(source));
  const to = await temporaryFolder();
  await buildMigrations({ from, names: [...plain, ...sources].map(({ name }) => name), to });
  return to;
}

const onlineClass = ({ name, up, down = "", phase, transaction = false }: OnlineSource) => `
import * as online from "@schema-rollout/migrator/online";

export class ${name} {
  transaction = ${transaction};
  ${phase ? `phase = ${JSON.stringify(phase)};` : ""}
  async up(runner) {
    ${up}
  }
  async down(runner) {
    ${down}
  }
}
`;
