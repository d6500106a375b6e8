import { readFileSync } from "node:fs";
import { type LoadHookSync, type ResolveHookSync, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { provided } from "./provided.ts";

/**
 * Imports a migration file. It, and every file it imports in turn, gets `typeorm` and the helpers from this migrator,
 * even where a node_modules has them too: the classes of a schema change (Table, TableIndex) are then those of the
 * TypeORM that runs it, and a folder of migrations needs no node_modules at all. Other packages, what they
 * import, and everything else in this process are left alone.
 */
export async function importMigration(path: string): Promise<Record<string, unknown>> {
  register();
  const { href } = pathToFileURL(path);
  members.add(href);
  return import(href);
}

let registered = false;

/** Migration files and what they import, as URLs. */
const members = new Set<string>();

const scheme = "migrator:";

/** Modules made from text cannot close over ours, so they find them by this key. */
const key = Symbol.for("schema-rollout/provided-modules");

function register(): void {
  if (registered) return;
  registered = true;
  (globalThis as Record<symbol, unknown>)[key] = provided;
  registerHooks({ resolve, load });
}

const resolve: ResolveHookSync = (specifier, context, next) => {
  const member = members.has(context.parentURL ?? "") || members.has(specifier);
  if (!member) return next(specifier, context);
  if (provided.has(specifier)) return { url: scheme + specifier, format: "commonjs", shortCircuit: true };
  const found = next(specifier, context);
  if (!found.url.startsWith("file:") || found.url.includes("/node_modules/")) return found;
  members.add(found.url);
  // `"type": "commonjs"` in package.json is what `typeorm init` writes, but its .ts files have import and export.
  const misread = found.format === "commonjs-typescript" && isModule(found.url);
  return misread ? { ...found, format: "module-typescript" } : found;
};

const isModule = (url: string) =>
  /^(import|export)\b(?!\s*\w+\s*=\s*require)/m.test(readFileSync(new URL(url), "utf8"));

const load: LoadHookSync = (url, context, next) => {
  const name = url.startsWith(scheme) ? url.slice(scheme.length) : "";
  const module = provided.get(name);
  if (module === undefined) return next(url, context);
  // CommonJS serves import as well as require; each name is spelled out, because import must see it in the text.
  const names = new Set([...Object.keys(module.exports), ...module.types]);
  names.delete("default");
  const source = [
    `const { exports: from } = globalThis[Symbol.for(${JSON.stringify(key.description)})].get(${JSON.stringify(name)});`,
    ...[...names].map((name) => `exports.${name} = from.${name};`),
  ].join("\n");
  return { format: "commonjs", source, shortCircuit: true };
};
