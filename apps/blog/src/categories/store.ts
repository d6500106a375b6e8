import type { EntityManager, FindOptionsWhere } from "typeorm";
import { type Page, toPage } from "../keyset.ts";
import { notFound, Problem } from "../problems/problem.ts";
import { brokenConstraint } from "../problems/recognise.ts";
import { isStorable } from "../text.ts";
import { type Category, categoryEntity } from "./category.ts";
import { slugOf } from "./slug.ts";

/** Nobody is stopped from adding categories, so no answer can hold all of them. */
const mostListed = 1000;

/** By name, from the beginning or behind the category with the key `after`. */
export async function listCategories(db: EntityManager, after?: string): Promise<Page<Category>> {
  const query = db
    .createQueryBuilder(categoryEntity, "category")
    .orderBy({ "category.name": "ASC", "category.id": "ASC" })
    .limit(mostListed + 1);
  if (after) {
    query.where("(name, id) > (SELECT name, id FROM categories WHERE id = :after)", { after });
  }
  return toPage(await query.getMany(), mostListed);
}

/** Those that a form offers; `needed` are among them, however many there are. */
export async function offeredCategories(
  db: EntityManager,
  needed: readonly FindOptionsWhere<Category>[],
): Promise<Category[]> {
  const { items, next } = await listCategories(db);
  if (next === null || needed.length === 0) return items;
  const others = await db.findBy(categoryEntity, [...needed]);
  return [...items, ...others.filter(({ id }) => !items.some((item) => item.id === id))];
}

export async function getCategory(db: EntityManager, slug: string): Promise<Category> {
  const category = !isStorable(slug) ? null : await db.findOneBy(categoryEntity, { slug });
  if (!category) throw notFound(`There is no category ${slug}.`);
  return category;
}

export async function createCategory(db: EntityManager, name: string): Promise<Category> {
  const slug = slugOf(name);
  try {
    const { identifiers } = await db.insert(categoryEntity, { name, slug });
    return { id: String(identifiers[0]?.id), slug, name };
  } catch (error) {
    if (brokenConstraint(error) !== "categories_slug_key") throw error;
    const detail = "names a category that is already there";
    throw new Problem(409, `There is already a category ${slug}.`, { errors: [{ field: "name", detail }] });
  }
}
