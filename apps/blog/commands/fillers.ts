import type { DataSource } from "typeorm";

/** Brings the number of generated posts up to `wanted`, in one statement: the database makes them up itself. */
export async function fillers(db: DataSource, wanted: number): Promise<string> {
  const rows: unknown[] = await db.query(
    `INSERT INTO posts (title, body, created_at, updated_at)
     SELECT 'Generated post ' || n,
            'Written by the seed command, for volume.' || repeat(E'\\n\\nA table with a few rows forgives every lock.', (1 + n % 8)::int),
            at, at
     FROM (
       SELECT n, timestamptz '2020-01-01 00:00:00Z' + n * interval '1 minute' AS at
       FROM generate_series(1 + (SELECT count(*) FROM posts WHERE title ~ '^Generated post [0-9]+$'), $1::int) AS n
     ) AS generated
     RETURNING id`,
    [wanted],
  );
  return `${rows.length} generated posts added`;
}
