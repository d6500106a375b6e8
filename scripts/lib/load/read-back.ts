import { z } from "zod";
import { Failure } from "../failure.ts";
import type { Adapter, Answer, Stored } from "./adapter.ts";
import { ask } from "./ask.ts";

const page = z.object({
  entries: z.array(z.object({ id: z.string(), title: z.string(), body: z.string() })),
  next: z.string().optional(),
});

/** Everything the service has stored, through its own API. */
export async function readEverything(url: string, { all }: Adapter): Promise<Stored[]> {
  const stored: Stored[] = [];
  const asked = new Set<string | undefined>();
  let next: string | undefined;
  do {
    if (asked.has(next)) throw failed(`the adapter asked for the page ${next} twice`);
    asked.add(next);
    const answer = await ask(url, all.send(next)).catch((error: Error) => {
      throw failed(String(error.cause ?? error.message));
    });
    if (answer.status < 200 || answer.status > 299) throw failed(`${answer.status} ${answer.text}`);
    const read = entriesOf(all, answer);
    stored.push(...read.entries);
    next = read.next;
  } while (next !== undefined);
  return stored;
}

function entriesOf(all: Adapter["all"], answer: Answer) {
  try {
    return page.parse(all.entries(answer));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw failed(`the adapter's all.entries made nothing of the answer: ${why}`);
  }
}

const failed = (why: string) => new Failure(`Reading back what was written failed: ${why}`);
