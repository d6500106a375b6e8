import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./folder.ts";

export const bodyName = "Body1700000005000";

/** A folder with one migration whose `up(q)` is this code. */
export async function migrationWith(body: string, { transaction = true, before = "" } = {}): Promise<string> {
  const dir = await temporaryFolder();
  await writeFile(
    join(dir, "1700000005000-body.mjs"),
    `${before}\nexport class ${bodyName} { transaction = ${transaction}; async up(q) { ${body} } async down(q) { ${body} } }`,
  );
  return dir;
}
