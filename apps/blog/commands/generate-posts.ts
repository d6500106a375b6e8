import type { DataSource } from "typeorm";
import type { SeedInput } from "./seed-posts.ts";

/**
 * Brings the number of generated posts up to `wanted`, in one statement: the database makes them up itself.
 * A release whose posts cannot do without one more column says what stands in it.
 */
export const generatePosts =
  (more?: { column: string; sql: string }) =>
  async (db: DataSource, { generate }: SeedInput): Promise<string | undefined> => {
    if (generate === 0) return undefined;
    const rows: unknown[] = await db.query(
      `INSERT INTO posts (title, body, created_at, updated_at${more ? `, ${more.column}` : ""})
       SELECT 'Generated post ' || n,
              'Written by the seed command, for volume.' || repeat(E'\\n\\nA table with a few rows forgives every lock.', (1 + n % 8)::int),
              at, at${more ? `, ${more.sql}` : ""}
       FROM (
         SELECT n, timestamptz '2020-01-01 00:00:00Z' + n * interval '1 minute' AS at
         FROM generate_series(1 + (SELECT count(*) FROM posts WHERE title ~ '^Generated post [0-9]+$'), $1::int) AS n
       ) AS generated
       RETURNING id`,
      [generate],
    );
    return `${rows.length} generated posts added`;
  };
