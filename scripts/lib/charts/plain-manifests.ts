import { join } from "node:path";
import { formatted } from "../formatted.ts";
import { render } from "./render.ts";

/** Where they are committed. */
export const plainFolder = "charts/examples/plain";

/** Which file holds which kinds. */
const files: Record<string, string[]> = {
  "accounts.yaml": ["ServiceAccount"],
  "rbac.yaml": ["Role", "RoleBinding"],
  "jobs.yaml": ["Job"],
  "deployment.yaml": ["Deployment"],
};

const header = `# Made from charts/migration-gate by \`node scripts/plain-manifests.ts\`: change it there. How to use it: README.md.
`;

/** The pieces of the library for those without Helm, by file name: the example chart as rendered, without Helm's marks. */
export async function plainManifests(helm: string): Promise<Record<string, string>> {
  const rendered = await render({
    helm,
    chart: "charts/examples/orders",
    release: "orders",
    namespace: "orders",
    valueFiles: ["charts/examples/orders/ci/values.yaml"],
    values: { release: { contract: true } },
  });
  const documents = rendered.split(/^---$/m).map(plain).filter(Boolean);
  const made: Record<string, string> = {};
  for (const [file, kinds] of Object.entries(files)) {
    const wanted = documents.filter((document) => kinds.includes(/^kind: (\w+)$/m.exec(document)?.[1] ?? ""));
    made[file] = await formatted(join(plainFolder, file), header + wanted.join("---\n"));
  }
  return made;
}

/** Without what only Helm needs, and with a number in place of the hash, since here a person names the Jobs. */
const plain = (document: string) =>
  document
    .replace(/^# Source: .*\n/m, "")
    .replace(/^ +(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): .*\n/gm, "")
    .replace(/^ +annotations:\n +migration-gate\/attempt: .*\n/m, "")
    .replace(/(orders-(?:migrate|contract)-)[0-9a-f]{10}/g, "$11")
    .trimStart();
