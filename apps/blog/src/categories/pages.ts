import { Router } from "express";
import type { Blog } from "../feature.ts";
import { pageQuery } from "../keyset.ts";
import { readForm } from "../pages/body.ts";
import { html } from "../pages/html.ts";
import { sendPage } from "../pages/layout.ts";
import type { Posts } from "../posts/describe.ts";
import { beginnings, listPosts } from "../posts/store.ts";
import { postList } from "../posts/views.ts";
import { check, Problem } from "../problems/problem.ts";
import { categoryInput } from "./category.ts";
import { createCategory, getCategory, listCategories } from "./store.ts";
import { categoryList } from "./views.ts";

const current = "/categories";

export function categoriesPages(blog: Blog, posts: Posts): Router {
  const { manager } = blog.db;
  const router = Router();

  router.get("/categories", async (request, response) => {
    const { after } = check(pageQuery.pick({ after: true }), request.query);
    const main = categoryList(await listCategories(manager, after), "", undefined);
    await sendPage(response, blog, { title: "Categories", current, main });
  });

  router.post("/categories", readForm, async (request, response) => {
    try {
      const { slug } = await createCategory(manager, check(categoryInput, request.body).name);
      response.redirect(303, `/categories/${encodeURIComponent(slug)}`);
    } catch (error) {
      const fault = error instanceof Problem && error.errors.find(({ field }) => field === "name");
      if (!(error instanceof Problem) || !fault) throw error;
      const main = categoryList(await listCategories(manager), String(request.body.name ?? ""), fault.detail);
      await sendPage(response.status(error.status), blog, { title: "Categories", current, main });
    }
  });

  router.get("/categories/:slug", async (request, response) => {
    const { id, name, slug } = await getCategory(manager, request.params.slug);
    const { after } = check(pageQuery.pick({ after: true }), request.query);
    const range = { limit: 10, after, where: { categoryId: id }, bodies: beginnings };
    const { items, next } = await listPosts(manager, posts, range);
    const list =
      items.length > 0 || after
        ? await postList(posts, blog.markdown, {
            items,
            next,
            path: `/categories/${encodeURIComponent(slug)}`,
            isFirstPage: !after,
          })
        : html`<p class="empty">No post is in this category yet.</p>`;
    await sendPage(response, blog, { title: name, current, main: html`<h1>${name}</h1>${list}` });
  });

  return router;
}
