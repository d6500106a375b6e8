import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureCluster } from "../cluster/index.ts";
import { targetFrom } from "../cluster/target.ts";
import type { Images } from "../images/index.ts";
import { artifacts } from "../paths.ts";
import type { Stage } from "../stage.ts";

/** Names the file with the images that a run has made, for the processes of its test files. */
export const imagesVariable = "E2E_IMAGES";
export const imagesFile = join(artifacts, "e2e/images.json");

/** Every test file is a process of its own: without this each would bundle everything and look for every image again. */
export async function keepImages(images: Images): Promise<void> {
  await mkdir(dirname(imagesFile), { recursive: true });
  await writeFile(imagesFile, JSON.stringify(images));
}

/** The stage that was set before: the cluster that has these images. */
export const keptStage = async (file: string): Promise<Stage> => ({
  cluster: await ensureCluster(targetFrom(process.env), () => {}),
  images: JSON.parse(await readFile(file, "utf8")) as Images,
});
