import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

export interface Bundle {
  script: string;
  style: string;
}

let made: Bundle | undefined;

/** The page's script and style sheet, uPlot's included, as one text each. */
export function bundle(): Bundle {
  made ??= make();
  return made;
}

function make(): Bundle {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "client/main.ts")],
    bundle: true,
    minify: true,
    write: false,
    outdir: "out",
    format: "iife",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    // As ASCII the page reads the same in whatever encoding it is served.
    charset: "ascii",
    // What is inlined goes out with its licence.
    banner: { js: `/* uPlot: ${licenceOf("uplot")} */` },
    logLevel: "silent",
  });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  return { script: text(".js"), style: text(".css") };
}

const licenceOf = (name: string) =>
  readFileSync(
    join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "LICENSE"),
    "utf8",
  ).trim();
