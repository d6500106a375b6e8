import { migrator } from "./cli.ts";
import { createDatabase, type TestDatabase } from "./database.ts";
import { migrationsFolder, type Source } from "./folder.ts";

/** Two tables as an application has them before the helpers come. */
export const createShop: Source = {
  name: "CreateShop1700000000000",
  up: [
    "CREATE TABLE categories (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slug text)",
    `CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL, slug text,
       body text NOT NULL DEFAULT 'empty', category_id bigint)`,
    "INSERT INTO categories (slug) SELECT 'c' || n FROM generate_series(1, 5) n",
    `INSERT INTO posts (title, slug, body, category_id)
       SELECT 'title ' || n, 'slug-' || n, 'secret body ' || n, 1 + n % 5 FROM generate_series(1, 500) n`,
  ],
  down: ["DROP TABLE posts", "DROP TABLE categories"],
};

export async function createShopDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  const { code, summary } = await migrator(["up"], {
    url: database.url,
    dir: await migrationsFolder(createShop),
  });
  if (code !== 0) throw new Error(summary.message);
  return database;
}
