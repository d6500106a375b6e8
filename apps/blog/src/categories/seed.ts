import type { DataSource } from "typeorm";
import type { SeedInput } from "../../commands/seed-posts.ts";
import type { SourcePost } from "../../content/read.ts";
import { slugOf } from "./slug.ts";

/** Creates the categories of the posts shipped, and files those that have none. */
export async function seedCategories(db: DataSource, { posts }: SeedInput): Promise<string> {
  let filed = 0;
  for (const { title, date, category } of posts) {
    if (!category) continue;
    const slug = slugOf(category);
    await db.query("INSERT INTO categories (slug, name) VALUES ($1, $2) ON CONFLICT (slug) DO NOTHING", [
      slug,
      category,
    ]);
    const [, count]: [unknown[], number] = await db.query(
      `UPDATE posts SET category_id = (SELECT id FROM categories WHERE slug = $1)
       WHERE title = $2 AND created_at = $3::timestamptz AND category_id IS NULL`,
      [slug, title, date],
    );
    filed += count;
  }
  return `${filed} posts put into their category`;
}

/** For a release that writes no post without a category. */
export const ownCategory = {
  column: "category_id",
  sql: "(SELECT id FROM categories WHERE slug = $4)",
  parameter: ({ category }: SourcePost) => slugOf(category ?? "General"),
};
