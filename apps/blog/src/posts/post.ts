export interface Post {
  id: string;
  title: string;
  body: string;
  createdAt: Date;
  updatedAt: Date;
}

/** What is written of a post. A function gives SQL in place of a value. */
export type PostValues = { title: string; body: string } & Record<string, unknown>;

/** Checked input. `updatedAt` is no new value but what the writer last read; see replacePost. */
export type PostInput = PostValues & { updatedAt?: Date | undefined };
