import { AssertionError } from "node:assert";
import type { Answer, Client } from "./client.ts";

/**
 * One promise of a release's API. It makes what it needs and assumes nothing of what else is stored, so that it
 * holds at any URL, beside other writers, and any number of times.
 */
export interface Case {
  readonly name: string;
  run(client: Client): Promise<void>;
}

/** The answer, if it has the status; else an error that says what was asked and answered. */
export function answered(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  const said = answer.json?.detail ?? answer.text.slice(0, 200);
  throw new AssertionError({
    message: `${answer.request} answered ${answer.status} instead of ${status}: ${said}`,
    actual: answer.status,
    expected: status,
  });
}

export async function writePost(client: Client, input: object = {}) {
  return answered(await client.post("/api/posts", { title: "A title", body: "A text", ...input }), 201).json;
}

/** A name that no other run uses. */
export const unique = (name: string) => `${name} ${Math.random().toString(36).slice(2, 10)}`;
