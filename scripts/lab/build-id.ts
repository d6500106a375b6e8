import { contentTag } from "../lib/images/content-tag.ts";
import { allOf, type Images } from "../lib/images/index.ts";
import { root } from "../lib/paths.ts";

/** What a cell's figures depend on, beside the machine: images, charts, and how it is measured. */
const files = ["blog", "migration-gate", "strategy-lab"]
  .map((chart) => `charts/${chart}`)
  .concat(["measure", "stand", "trials", "ways"].map((part) => `scripts/lab/${part}`))
  .concat(["scripts/lab/measure-cells.ts", "scripts/lib/load", "scripts/lib/rollout", "e2e/k6"]);

/** Names a build by its content: what is measured once is not measured again until something of it changes. */
export const buildId = (images: Images, startup: Record<string, string>): Promise<string> =>
  contentTag({
    context: root,
    files,
    args: Object.fromEntries([...allOf(images), ...Object.values(startup)].map((image) => [image, ""])),
  });
