import { z } from "zod";
import { Failure } from "../failure.ts";
import type { StoredPost } from "./ledger.ts";

const page = z.object({
  items: z.array(z.object({ id: z.string(), title: z.string(), body: z.string() })),
  next: z.string().nullable(),
});

/** Every post the blog has, newest first, through its own API. */
export async function readAllPosts(url: string): Promise<StoredPost[]> {
  const posts: StoredPost[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const answer = await fetch(
      `${url}/api/posts?limit=100${after ? `&after=${encodeURIComponent(after)}` : ""}`,
    ).catch((error: Error) => {
      throw new Failure(`Reading the posts back failed: ${String(error.cause ?? error.message)}`);
    });
    if (!answer.ok)
      throw new Failure(`Reading the posts back failed: ${answer.status} ${await answer.text()}`);
    const { items, next } = page.parse(await answer.json());
    posts.push(...items);
    after = next;
  }
  return posts;
}
