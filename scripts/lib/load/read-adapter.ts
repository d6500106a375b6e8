import { pathToFileURL } from "node:url";
import { z } from "zod";
import { usage } from "../failure.ts";
import { saidBy } from "../shell.ts";
import type { Adapter } from "./adapter.ts";

const needed = "is needed, a function";
const call = z.custom((value) => typeof value === "function", needed);
const look = z.object({ send: call, right: call });
const shape = z.object({
  versionHeader: z.string().regex(/^[a-z0-9-]+$/, "names a header, in lower case"),
  ready: z.string().startsWith("/", "is a path, which starts with a slash"),
  create: z.object({ send: call, id: call }),
  read: look,
  edit: z.object({ send: call, done: call }).optional(),
  remove: z.object({ send: call, done: call }).optional(),
  list: look,
  page: look.optional(),
  all: z.object({ send: call, entries: call }),
});

/** The adapter in a file, by its absolute path; says all that is missing in it at once. */
export async function readAdapter(file: string): Promise<Adapter> {
  const module = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw usage(`The adapter ${file} cannot be loaded: ${saidBy(error)}`);
  });
  const read = shape.safeParse(module.default);
  if (read.success) return module.default;
  const faults = read.error.issues.map(
    ({ path, message }) => `  ${path.join(".") || "default export"}: ${message}`,
  );
  throw usage(
    `The adapter ${file} is not complete; scripts/lib/load/adapter.ts says what is what.\n${faults.join("\n")}`,
  );
}
