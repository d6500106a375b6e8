import { Router } from "express";
import type { Blog } from "../feature.ts";
import { readJson } from "../json-body.ts";
import { type Page, pageQuery } from "../keyset.ts";
import { check, methodNotAllowed } from "../problems/problem.ts";
import { type Posts, postJson } from "./describe.ts";
import type { Post } from "./post.ts";
import { createPost, deletePost, getPost, listPosts, replacePost, wholeBodies } from "./store.ts";

/** /api/posts */
export function postsApi({ db }: Blog, posts: Posts): Router {
  const router = Router();

  router
    .route("/posts")
    .get(async (request, response) => {
      const range = { ...check(pageQuery, request.query), bodies: wholeBodies };
      response.json(pageJson(posts, await listPosts(db.manager, posts, range)));
    })
    .post(readJson, async (request, response) => {
      const post = await createPost(db, posts, check(posts.input, request.body));
      response.status(201).location(`/api/posts/${post.id}`).json(postJson(posts, post));
    })
    .all(methodNotAllowed("GET", "POST"));

  router
    .route("/posts/:id")
    .get(async (request, response) => {
      response.json(postJson(posts, await getPost(db.manager, posts, request.params.id)));
    })
    .put(readJson, async (request, response) => {
      const input = check(posts.input, request.body);
      response.json(postJson(posts, await replacePost(db, posts, request.params.id, input)));
    })
    .delete(async (request, response) => {
      await deletePost(db, posts, request.params.id);
      response.status(204).end();
    })
    .all(methodNotAllowed("GET", "PUT", "DELETE"));

  return router;
}

export const pageJson = (posts: Posts, { items, next }: Page<Post>) => ({
  items: items.map((post) => postJson(posts, post)),
  next,
});
