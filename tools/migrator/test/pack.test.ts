import { execFileSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrator } from "./support/cli.ts";
import { createDatabase } from "./support/database.ts";
import { classOf, createPosts, fileOf, indexTitles, temporaryFolder } from "./support/folder.ts";

test("the npm package runs outside of the workspace, where Node strips no types: command, library, helpers", async () => {
  const project = await temporaryFolder();
  const installed = join(project, "node_modules", "@schema-rollout", "migrator");
  await mkdir(installed, { recursive: true });
  const tarball = join(project, "schema-rollout-migrator-0.1.0.tgz");
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "pack.ts"), project], { stdio: "ignore" });
  execFileSync("tar", ["xzf", tarball, "--strip-components=1", "-C", installed]);
  const { bin, dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    const folder = join(import.meta.dirname, "..", "..", "..", "node_modules", name);
    await symlink(folder, join(project, "node_modules", name));
  }
  await mkdir(join(project, "migrations"));
  // The second one is read by the parser, whose WebAssembly stands beside the program.
  for (const one of [createPosts, indexTitles])
    await writeFile(join(project, "migrations", fileOf(one)), classOf(one));
  const build = `import { buildMigrations } from "@schema-rollout/migrator";
    import { batched } from "@schema-rollout/migrator/online";
    import { tryGate } from "@schema-rollout/migrator/phases";
    await buildMigrations({ from: "migrations", names: ["${createPosts.name}", "${indexTitles.name}"], to: "built" });
    console.log(typeof batched, typeof tryGate);`;
  const args = ["--input-type=module", "-e", build];
  expect(execFileSync(process.execPath, args, { cwd: project, encoding: "utf8" })).toBe(
    "function function\n",
  );

  const { url } = await createDatabase();
  const program = join(installed, bin.migrator);
  expect((await migrator(["up"], { url, program, dir: join(project, "built") })).code).toBe(0);
});
