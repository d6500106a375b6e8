import type { Options } from "./cli.ts";
import type { Cluster } from "./cluster.ts";
import { decide, type End, EXIT, type Rules } from "./decide.ts";
import { explainEnd } from "./diagnostics/at-end.ts";
import { conclude } from "./report/conclude.ts";
import { describe } from "./report/describe.ts";
import { apply, type Event, start } from "./state.ts";
import { TIMING, type Timing } from "./timing.ts";
import { follow } from "./watch/follow.ts";
import { createClient } from "./watch/request.ts";

export interface Verdict {
  readonly code: (typeof EXIT)[keyof typeof EXIT];
  readonly line: string;
}

export interface GateInput {
  readonly options: Pick<Options, "jobs" | "timeout" | "schema" | "confirmFor" | "diagnostics">;
  readonly cluster: Cluster;
  readonly databaseUrl?: string | undefined;
  /** One line per change of state; the verdict's line is not among them. */
  readonly print: (line: string) => void;
  readonly timing?: Timing;
}

/**
 * Follows the Jobs, asks the database when it is time to, and resolves when `decide` says how it ends. The facts and
 * the decision are plain data; here are the connections and the timers.
 */
export async function waitForJobs(input: GateInput): Promise<Verdict> {
  const { options, cluster, timing = TIMING } = input;
  const asked = { ...options, namespace: cluster.namespace };
  const rules: Rules = {
    schema: options.schema !== undefined,
    deniedFor: timing.deniedFor,
    databaseEvery: timing.databaseEvery,
    databaseSlowly: timing.databaseSlowly,
    confirmEvery: timing.confirmEvery,
    confirmFor: options.confirmFor,
    deadline: performance.now() + options.timeout,
  };
  const stop = new AbortController();
  const client = createClient(cluster, timing.answerWithin);
  const sources = { ...input, client, timing, namespace: cluster.namespace };
  const printed = new Map<string, string>();
  let state = start(options.jobs);
  let asking = false;
  let next: NodeJS.Timeout | undefined;

  try {
    return await new Promise<Verdict>((resolve, reject) => {
      const emit = (event: Event) => {
        if (stop.signal.aborted) return;
        state = apply(state, event, performance.now());
        for (const [topic, line] of describe(state, asked)) {
          if (printed.get(topic) !== line) input.print(line);
          printed.set(topic, line);
        }
        step();
      };
      const end = async (decision: End) => {
        const line = conclude(decision.why, decision.job, state, asked);
        const more = options.diagnostics ? await explainEnd(decision, state, sources) : "";
        return { code: EXIT[decision.why], line: `${line}${more}` };
      };
      const step = () => {
        if (stop.signal.aborted) return;
        const now = performance.now();
        const decision = decide(state, rules, now);
        if (decision.kind === "end") {
          stop.abort();
          end(decision).then(resolve, reject);
          return;
        }
        let at = decision.until;
        if (decision.askAt !== undefined && !asking) {
          if (decision.askAt <= now) ask().catch(reject);
          else at = Math.min(at, decision.askAt);
        }
        clearTimeout(next);
        next = setTimeout(step, at - now);
      };
      const ask = async () => {
        const { databaseUrl } = input;
        if (options.schema === undefined || databaseUrl === undefined) return;
        asking = true;
        const askedAt = performance.now();
        const { askDatabase } = await import("./database.ts");
        const answer = await askDatabase(databaseUrl, options.schema, timing);
        asking = false;
        emit({ type: "database", answer, askedAt, spread: Math.random() });
      };
      for (const name of options.jobs) {
        follow(client, { name, namespace: cluster.namespace }, timing, emit, stop.signal).catch(reject);
      }
      step();
    });
  } finally {
    stop.abort();
    clearTimeout(next);
    client.close();
  }
}
