import type { DataSource } from "typeorm";
import type { SourcePost } from "../content/read.ts";

export interface SeedInput {
  /** What is shipped in content/. */
  posts: readonly SourcePost[];
  /** How many generated posts there shall be. */
  generate: number;
}

/** One more column, for a release whose posts cannot do without it: its value is `sql` of the parameter $4. */
interface OneMore {
  column: string;
  sql: string;
  parameter(post: SourcePost): string;
}

/**
 * Writes the posts that are not there yet, told by title and date. Plain SQL that names its columns: it works
 * on every later schema that still has them and asks for no more.
 */
export const seedPosts =
  (more?: OneMore) =>
  async (db: DataSource, { posts }: SeedInput): Promise<string> => {
    let added = 0;
    for (const post of posts) {
      const rows: unknown[] = await db.query(
        `INSERT INTO posts (title, body, created_at, updated_at${more ? `, ${more.column}` : ""})
         SELECT $1, $2, $3::timestamptz, $3::timestamptz${more ? `, ${more.sql}` : ""}
         WHERE NOT EXISTS (SELECT FROM posts WHERE title = $1 AND created_at = $3::timestamptz)
         RETURNING id`,
        [post.title, post.body, post.date, ...(more ? [more.parameter(post)] : [])],
      );
      added += rows.length;
    }
    return `${added} posts added, ${posts.length - added} already there`;
  };
