import { Router } from "express";
import type { Blog } from "../feature.ts";
import { readJson } from "../json-body.ts";
import { pageQuery } from "../keyset.ts";
import { pageJson } from "../posts/api.ts";
import type { Posts } from "../posts/describe.ts";
import { listPosts, wholeBodies } from "../posts/store.ts";
import { check, methodNotAllowed } from "../problems/problem.ts";
import { categoryInput } from "./category.ts";
import { createCategory, getCategory, listCategories } from "./store.ts";

/** /api/categories */
export function categoriesApi({ db }: Blog, posts: Posts): Router {
  const router = Router();

  router
    .route("/categories")
    .get(async (request, response) => {
      const { after } = check(pageQuery.pick({ after: true }), request.query);
      response.json(await listCategories(db.manager, after));
    })
    .post(readJson, async (request, response) => {
      const category = await createCategory(db.manager, check(categoryInput, request.body).name);
      response
        .status(201)
        .location(`/api/categories/${encodeURIComponent(category.slug)}/posts`)
        .json(category);
    })
    .all(methodNotAllowed("GET", "POST"));

  router
    .route("/categories/:slug/posts")
    .get(async (request, response) => {
      const category = await getCategory(db.manager, request.params.slug);
      const where = { categoryId: category.id };
      const range = { ...check(pageQuery, request.query), where, bodies: wholeBodies };
      response.json(pageJson(posts, await listPosts(db.manager, posts, range)));
    })
    .all(methodNotAllowed("GET"));

  return router;
}
