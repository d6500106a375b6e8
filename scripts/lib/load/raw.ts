import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

export type Operation = "create" | "edit" | "delete";
export type Connections = "reused" | "new";

/** One finished request, as `e2e/k6/load.ts` prints it. */
export interface Answer {
  /** Start, ms since the epoch. */
  t: number;
  /** Duration in ms, connecting included. */
  d: number;
  /** HTTP status; 0 when no answer came. */
  s: number;
  /** Release that answered; "" when unknown. */
  v: string;
  k: string;
  c: Connections;
  ok: boolean;
  e?: string;
  op?: Operation;
  id?: string;
  token?: string;
  body?: string;
}

/** A write that is about to be sent; it may happen even when its answer is never seen. */
export interface Intent {
  intent: true;
  t: number;
  op: Operation;
  id?: string;
  token: string;
  body?: string;
}

export interface RawLoad {
  answers: Answer[];
  /** Requests in flight when the load was stopped on purpose: k6 gave them up, the blog did nothing wrong. */
  cutOff: Answer[];
  intents: Intent[];
  /** Lines that are no JSON of ours. Must be none: a lost line is a request nobody judged. */
  unreadable: string[];
}

const isIntent = (line: Answer | Intent): line is Intent => "intent" in line;

/** A request that hung longer than this when the load was stopped has failed, whatever stopped it in the end. */
const patienceMs = 1_000;

export function parseLines(lines: Iterable<string>): RawLoad {
  const raw: RawLoad = { answers: [], cutOff: [], intents: [], unreadable: [] };
  const stopped: Answer[] = [];
  let lastAt = 0;
  for (const text of lines) {
    if (text === "") continue;
    const line = parse(text);
    if (!line) {
      raw.unreadable.push(text);
      continue;
    }
    lastAt = Math.max(lastAt, line.t);
    if (isIntent(line)) raw.intents.push(line);
    else if (wasStopped(line)) stopped.push(line);
    else raw.answers.push(line);
  }
  for (const answer of stopped) (lastAt - answer.t > patienceMs ? raw.answers : raw.cutOff).push(answer);
  raw.answers.sort((a, b) => a.t - b.t);
  return raw;
}

/** What k6 says of a request that it gave up because it was told to stop; a server cannot cause it. */
const wasStopped = ({ s, e }: Answer) => s === 0 && e === "context canceled";

export async function readRaw(files: string[]): Promise<RawLoad> {
  const lines: string[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) lines.push(line);
  }
  return parseLines(lines);
}

function parse(text: string): Answer | Intent | undefined {
  try {
    const line = JSON.parse(text);
    return typeof line?.t === "number" && (line.intent === true || typeof line.ok === "boolean")
      ? line
      : undefined;
  } catch {
    return undefined;
  }
}
