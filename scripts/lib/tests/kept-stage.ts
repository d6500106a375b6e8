import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { artifacts } from "../paths.ts";
import type { Stage } from "../stage.ts";

/** Names the file with the stage that a run has set, for the processes of its test files. */
export const stageVariable = "E2E_STAGE";
export const stageFile = join(artifacts, "e2e/stage.json");

/** Every test file is a process of its own: without this each would look for tools, cluster and images again. */
export async function keepStage(stage: Stage): Promise<void> {
  await mkdir(dirname(stageFile), { recursive: true });
  await writeFile(stageFile, JSON.stringify(stage));
}

/** A stage as it was set. What it could not take along is that images are offered; they have been. */
export async function keptStage(file: string): Promise<Stage> {
  const stage = JSON.parse(await readFile(file, "utf8")) as Stage;
  stage.cluster.offer = () => Promise.reject(new Error("the images were offered when the stage was set"));
  return stage;
}
