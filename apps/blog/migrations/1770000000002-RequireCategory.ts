import {
  addForeignKey,
  batched,
  dropForeignKey,
  dropNotNull,
  setNotNull,
} from "@schema-rollout/migrator/online";
import type { MigrationInterface, QueryRunner } from "typeorm";

const toCategories = {
  table: "posts",
  columns: ["category_id"],
  references: { table: "categories", columns: ["id"] },
};
/** v2's: a category that goes leaves its posts without one. */
const letting = { ...toCategories, name: "posts_category_id_fkey", onDelete: "SET NULL" } as const;
/** v3's: a category that has posts cannot go. */
const holding = { ...toCategories, name: "posts_category_fkey", onDelete: "RESTRICT" } as const;

/**
 * Contract: no release is alive any more that writes posts without a category. First a sweep over what the last of
 * them left, then NOT NULL, and a foreign key that fits it. Outside a transaction, so that no step's lock is held
 * during the next; each can be repeated.
 */
export class RequireCategory1770000000002 implements MigrationInterface {
  name = "RequireCategory1770000000002";
  phase = "contract" as const;
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await batched(runner, {
      table: "posts",
      set: "category_id = (SELECT id FROM categories WHERE slug = 'general')",
      where: "category_id IS NULL",
    });
    await setNotNull(runner, { table: "posts", column: "category_id" });
    // Never without one: the new key is proven before the old one goes.
    await addForeignKey(runner, holding);
    await dropForeignKey(runner, letting);
  }

  async down(runner: QueryRunner): Promise<void> {
    await addForeignKey(runner, letting);
    await dropForeignKey(runner, holding);
    await dropNotNull(runner, { table: "posts", column: "category_id" });
  }
}
