import type { ScratchPostgres } from "@schema-rollout/scratch-postgres";
import { createDatabase, dropDatabase, urlOf } from "./database.ts";
import { percentile, round } from "./figures.ts";
import type { Program } from "./program.ts";

export interface Start {
  runs: number;
  /** From the start of the process to its end, with nothing to do. */
  p50Ms: number;
  p95Ms: number;
}

const runs = 15;

export async function measureStart(server: ScratchPostgres, program: Program): Promise<Start> {
  await createDatabase(server, "bench");
  const url = urlOf(server, "bench");
  await program.run(["up"], url);
  const seen: number[] = [];
  for (let i = 0; i < runs; i += 1) seen.push((await program.run(["up"], url)).durationMs);
  await dropDatabase(server, "bench");
  return { runs, p50Ms: round(percentile(seen, 50)), p95Ms: round(percentile(seen, 95)) };
}

export const showStart = ({ runs, p50Ms, p95Ms }: Start) =>
  `start to "nothing to do"   p50 ${p50Ms} ms, p95 ${p95Ms} ms (${runs} runs)`;
