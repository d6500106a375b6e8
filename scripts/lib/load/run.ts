import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../failure.ts";
import { root } from "../paths.ts";
import { guard } from "./guard.ts";
import type { Rates } from "./rates.ts";
import type { Connections } from "./raw.ts";
import type { LoadTotals } from "./summary.ts";

export interface LoadOptions {
  k6: string;
  /** Base URL of the service, without a slash at the end. */
  url: string;
  rates: Rates;
  /** File of its routes. */
  adapter: string;
  /** Unique in the database: it is part of the title of all that is written. */
  run: string;
  /** Folder for the raw output; emptied first. */
  folder: string;
}

export interface RunningLoad {
  rawFiles: string[];
  /** Stops k6, waits for its totals. */
  stop(): Promise<LoadTotals>;
  /** Ends k6 at once, for a run that failed or was interrupted. Harmless after `stop`. */
  kill(): void;
}

/** More than any scenario takes; a load nobody stops ends by itself. */
const longest = "30m";
/** k6's exit code after SIGINT. */
const stoppedOnPurpose = 105;

interface Generator {
  connections: Connections;
  child: ChildProcess;
  raw: string;
  summary: string;
  stderr: string[];
  exited: Promise<number | null>;
}

/** Starts one k6 process per kind of connection and returns once both send requests. */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  await rm(options.folder, { recursive: true, force: true });
  await mkdir(options.folder, { recursive: true });
  const generators = (["reused", "new"] as const).map((connections) => start(connections, options));
  const guarded = guard(generators.flatMap(({ child }) => child.pid ?? []));
  const kill = () => {
    guarded.end();
    for (const { child } of generators) if (child.exitCode === null) child.kill("SIGKILL");
  };
  try {
    await Promise.all(generators.map(firstLine));
  } catch (error) {
    kill();
    throw error;
  }
  return {
    rawFiles: generators.map(({ raw }) => raw),
    kill,
    async stop() {
      const totals = await Promise.all(generators.map(finish));
      // Their numbers may be others' from now on.
      guarded.end();
      const sum = (pick: (one: LoadTotals) => number) => totals.reduce((total, one) => total + pick(one), 0);
      return {
        requests: sum((one) => one.requests),
        droppedIterations: sum((one) => one.droppedIterations),
        errors: totals.flatMap((one) => one.errors),
      };
    },
  };
}

function start(connections: Connections, options: LoadOptions): Generator {
  const raw = join(options.folder, `${connections}.ndjson`);
  const summary = join(options.folder, `${connections}.summary.json`);
  const child = spawn(
    options.k6,
    [
      "run",
      "--quiet",
      "--no-usage-report",
      "--address",
      "",
      "--log-format",
      "raw",
      "--console-output",
      raw,
      "e2e/k6/load.ts",
    ],
    {
      cwd: root,
      // Its own process group: Ctrl-C reaches us first, and we end it in order.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        URL: options.url,
        RUN: options.run,
        ADAPTER: options.adapter,
        RATE: String(options.rates[connections]),
        CONNECTIONS: connections,
        DURATION: longest,
        SUMMARY: summary,
      },
    },
  );
  const stderr: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return { connections, child, raw, summary, stderr, exited };
}

async function firstLine(generator: Generator): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (generator.child.exitCode !== null) break;
    if ((await stat(generator.raw).catch(() => undefined))?.size) return;
    await sleep(100);
  }
  throw new Failure(
    `k6 sent no request: ${generator.stderr.join("").trim().slice(-800) || "it said nothing"}`,
  );
}

async function finish(generator: Generator): Promise<LoadTotals> {
  if (generator.child.exitCode === null) generator.child.kill("SIGINT");
  const code = await generator.exited;
  if (code !== stoppedOnPurpose) {
    throw new Failure(
      `k6 (${generator.connections} connections) ended by itself with code ${code}: ${generator.stderr.join("").trim().slice(-800)}`,
    );
  }
  const { requests, droppedIterations } = JSON.parse(await readFile(generator.summary, "utf8"));
  return { requests, droppedIterations, errors: errorsIn(generator.stderr.join("")) };
}

/** No error is what k6 prints when we stop it, and of a request without an answer, which the raw output has as failed. */
const errorsIn = (stderr: string): string[] =>
  stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !/received a 'interrupt' signal|^Request Failed$/.test(line));
