import type { EntityManager } from "typeorm";
import { notFound, Problem } from "../problems/problem.ts";
import { brokenConstraint } from "../problems/recognise.ts";
import { type Category, categoryEntity } from "./category.ts";
import { slugOf } from "./slug.ts";

export const listCategories = (db: EntityManager): Promise<Category[]> =>
  db.find(categoryEntity, { order: { name: "ASC", id: "ASC" } });

export async function getCategory(db: EntityManager, slug: string): Promise<Category> {
  const category = slug.includes("\0") ? null : await db.findOneBy(categoryEntity, { slug });
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
