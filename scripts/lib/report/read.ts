import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Failure } from "../failure.ts";
import type { RunRecord } from "./run.ts";

const ours = z.looseObject({
  format: z.literal(1),
  startedAt: z.number(),
  summary: z.looseObject({}),
  logged: z.array(z.unknown()).default([]),
});

/** Reads a run.json. What it holds is our own writing, so its format is all that is looked at. */
export async function readRun(file: string): Promise<RunRecord> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Failure(`There is no ${file}. A run writes it: make demo`, { cause });
  });
  try {
    return ours.parse(JSON.parse(text)) as unknown as RunRecord;
  } catch (cause) {
    throw new Failure(
      `${file} is not the record of a run, or that of another version: run make demo again.`,
      {
        cause,
      },
    );
  }
}
