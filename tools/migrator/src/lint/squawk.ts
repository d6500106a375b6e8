import { spawn } from "node:child_process";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MigratorError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Case, JudgedStatement } from "./finding.ts";

export interface SquawkFinding {
  rule: string;
  message: string;
  help: string | undefined;
  statement: JudgedStatement;
}

/** The migrator sets both itself, for every statement. */
const ourBusiness = ["require-lock-timeout", "require-statement-timeout"];

/** Judges migrations with squawk: one file each, so that it knows what a migration creates itself. */
export async function squawk(
  binary: string,
  cases: readonly Case[],
  version: string,
): Promise<Map<Case, SquawkFinding[]>> {
  const folder = await mkdtemp(join(tmpdir(), "migrator-lint-"));
  try {
    // Its own configuration would leave rules out without a word; `--exclude` lists what it leaves out.
    const config = join(folder, "squawk.toml");
    await writeFile(config, "");
    const found = new Map<Case, SquawkFinding[]>();
    for (const transactional of [true, false]) {
      const some = cases.filter(
        ({ migration, statements }) => migration.transactional === transactional && statements.length > 0,
      );
      if (some.length === 0) continue;
      const files = some.map((of) => ({ of, ...fileOf(of, folder) }));
      for (const { path, text } of files) await writeFile(path, text);
      const args = [
        ...[
          "--config",
          config,
          "--reporter",
          "json",
          "--pg-version",
          version,
          "--exclude",
          ourBusiness.join(","),
        ],
        ...(transactional ? ["--assume-in-transaction"] : ["--no-assume-in-transaction"]),
        ...files.map(({ path }) => path),
      ];
      const reported = await run(binary, args);
      for (const { of, path, starts } of files) {
        const own = reported.filter(({ file }) => file === path);
        found.set(
          of,
          own.map((report) => ({ ...readable(report), statement: at(of, starts, report.line) })),
        );
      }
    }
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Comments are blanked: squawk has one that silences it, and only `-- ok`, which is listed, may do that here. */
function fileOf({ migration, statements }: Case, folder: string) {
  const starts: number[] = [];
  let text = "";
  for (const { pieces } of statements) {
    starts.push(text.split("\n").length - 1);
    for (const { code } of pieces) text += `${code};\n`;
  }
  return { path: join(folder, `${migration.timestamp}.sql`), text, starts };
}

function at({ statements }: Case, starts: readonly number[], line: number): JudgedStatement {
  const index = starts.findLastIndex((start) => start <= line);
  const statement = statements[Math.max(index, 0)];
  if (statement === undefined) throw new Error(`squawk reported line ${line}, where there is no statement`);
  return statement;
}

interface Report {
  file: string;
  line: number;
  message: string;
  help: string | null;
  rule_name: string;
}

const readable = ({ rule_name, message, help }: Report) => ({
  rule: rule_name,
  message,
  help: help ?? undefined,
});

const end = (binary: string, args: string[]) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", (cause) => reject(unusable(`it does not start (${cause.message})`, cause)));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });

const said = (code: number | null, text: string) =>
  `it ended with ${code} and said: ${text.trim().slice(0, 500) || "nothing"}`;

async function run(binary: string, args: string[]): Promise<Report[]> {
  const { code, stdout, stderr } = await end(binary, args);
  // 0: nothing found, 1: something found. Anything else, or no list, means that nothing was judged.
  try {
    const reports: unknown = JSON.parse(stdout);
    if ((code === 0 || code === 1) && Array.isArray(reports)) return reports;
  } catch {
    // What it said instead is in the sentence below.
  }
  throw unusable(said(code, stderr || stdout));
}

/** Whether a rule is one of its own: it refuses to exclude others. There is no list to ask it for. */
export async function knowsRule(binary: string, rule: string): Promise<boolean> {
  const { code, stderr } = await end(binary, ["--reporter", "json", "--exclude", rule]);
  if (code !== 0 && !stderr.includes("invalid rule name")) throw unusable(said(code, stderr));
  return code === 0;
}

/** The program itself: the given one, else the one installed with the migrator or in the current project. */
export async function findSquawk(given: string | undefined): Promise<string> {
  if (given !== undefined) {
    await access(given).catch((cause) => {
      throw unusable(`there is none at ${given}`, cause);
    });
    return given;
  }
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      const { getBinaryPath } = createRequire(from)("squawk-cli/js/index.js");
      return getBinaryPath();
    } catch {
      // Not installed there, or without the program for this platform: look further.
    }
  }
  throw unusable("it is not installed for this platform");
}

const unusable = (why: string, cause?: unknown) =>
  new MigratorError(ExitCode.Usage, `squawk, which judges the SQL, cannot be used: ${why}.`, {
    next: "Install it (npm install --save-dev squawk-cli, with optional dependencies), or name the program with --squawk PATH.",
    cause,
  });
