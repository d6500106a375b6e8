import type pg from "pg";

const set = "category_id = (SELECT id FROM categories WHERE slug = 'general')";

/** All at once: the measure. It keeps every row locked to its end, and a crash loses all of it. */
export async function plainUpdate(client: pg.Client): Promise<void> {
  await client.query(`UPDATE posts SET ${set} WHERE category_id IS NULL`);
}

const offsetBatch = 1_000;

/** The loop that is usually written by hand. Each batch reads all rows before it again. Returns the rows it got to. */
export async function offsetBatches(client: pg.Client, rows: number, capMs: number): Promise<number> {
  const started = performance.now();
  for (let offset = 0; offset < rows; offset += offsetBatch) {
    if (performance.now() - started > capMs) return offset;
    await client.query(
      `UPDATE posts SET ${set} WHERE id IN (SELECT id FROM posts ORDER BY id LIMIT ${offsetBatch} OFFSET ${offset})`,
    );
  }
  return rows;
}
