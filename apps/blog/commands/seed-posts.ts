import type { DataSource } from "typeorm";
import type { SourcePost } from "../content/read.ts";

/**
 * Writes the posts that are not there yet, told by title and date. Plain SQL that names its columns: it works
 * on every later schema that still has them.
 */
export async function seedPosts(db: DataSource, posts: readonly SourcePost[]): Promise<string> {
  let added = 0;
  for (const { title, body, date } of posts) {
    const rows: unknown[] = await db.query(
      `INSERT INTO posts (title, body, created_at, updated_at)
       SELECT $1, $2, $3::timestamptz, $3::timestamptz
       WHERE NOT EXISTS (SELECT FROM posts WHERE title = $1 AND created_at = $3::timestamptz)
       RETURNING id`,
      [title, body, date],
    );
    added += rows.length;
  }
  return `${added} posts added, ${posts.length - added} already there`;
}
