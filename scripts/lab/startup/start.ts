import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Migrates, then becomes the blog, as frameworks do it that have `migrationsRun: true`. MIGRATE=with-lock runs our
 * migrator, which lets one pod after the other; without-lock is TypeORM's own way.
 */
const programs: Record<string, string[]> = {
  "with-lock": ["/migrator/migrator.mjs", "up", "--reader", "blog_app"],
  "without-lock": ["/lab/lockless.mjs"],
};

const args = programs[process.env.MIGRATE ?? ""];
if (!args) {
  console.error(`MIGRATE=${process.env.MIGRATE ?? ""}: one of ${Object.keys(programs).join(", ")}`);
  process.exit(2);
}
const child = spawn(process.execPath, args, { stdio: "inherit" });
// As process 1 nobody is told to stop unless it passes that on.
const stop = () => void child.kill("SIGTERM");
process.on("SIGTERM", stop);
const [code, signal] = await once(child, "exit");
process.off("SIGTERM", stop);
if (code !== 0) {
  const why = `The migration ended with ${signal ?? `exit code ${code}`}; the blog does not start.\n`;
  await new Promise((written) => process.stderr.write(why, written));
  process.exit(code ?? 1);
}
// Not to be bundled: it is what is in the image.
const blog = "/app/blog.mjs";
await import(blog);
