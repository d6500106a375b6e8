import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * `import "node:fs"` makes Node read every export, and some are getters that load more (fs.promises, the whole of
 * undici behind node:http, worker_threads behind node:util). Getting the module itself costs nothing, and so does an
 * export that nobody imports: it is left out. That is a third of the time to the first WATCH.
 * pg is CommonJS: its require() gets the module as it is.
 */
export const builtinsWithoutFacade: Plugin = {
  name: "builtins-without-facade",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      return { path, namespace: kind === "require-call" ? "required" : "imported", sideEffects: false };
    });
    const module = (path: string) => `process.getBuiltinModule(${JSON.stringify(path)})`;
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = ${module(path)};`,
    }));
    onLoad({ filter: /./, namespace: "imported" }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) as object).filter(
        (name) => name !== "default",
      );
      const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => module.${name})();`);
      return {
        contents: [`const module = ${module(path)};`, "export default module;", ...exports].join("\n"),
      };
    });
  },
};

/**
 * What is imported later has been built before, as a file of its own that shares no chunk with the main one: a few
 * functions stand in both, and the start loads one file instead of two. `built`: its name, by the name of its source.
 */
export const importedLater = (built: ReadonlyMap<string, string>): Plugin => ({
  name: "imported-later",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) => {
      if (kind !== "dynamic-import") return undefined;
      const file = built.get(path.replace(/^.*\//, "").replace(/\.ts$/, ""));
      if (file === undefined) throw new Error(`${path} is imported later, but build.ts does not build it`);
      return { path: `./${file}`, external: true };
    });
  },
});
