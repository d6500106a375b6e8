import { type Request, type Response, Router } from "express";
import type { Blog } from "../feature.ts";
import { pageQuery } from "../keyset.ts";
import { readForm } from "../pages/body.ts";
import { type Html, html, nothing } from "../pages/html.ts";
import { sendPage } from "../pages/layout.ts";
import { check, Problem } from "../problems/problem.ts";
import type { Posts } from "./describe.ts";
import { beginnings, createPost, deletePost, getPost, listPosts, replacePost } from "./store.ts";
import { type FormState, postForm, postList, postPage } from "./views.ts";

const perPage = 10;

/** Pages to read and write posts in: links, forms and redirects, no script. */
export function postsPages(blog: Blog, posts: Posts): Router {
  const { db } = blog;
  const router = Router();

  router.get("/", async (request, response) => {
    const { after } = check(pageQuery.pick({ after: true }), request.query);
    const { items, next } = await listPosts(db.manager, posts, { limit: perPage, after, bodies: beginnings });
    const main =
      items.length > 0 || after
        ? await postList(posts, blog.markdown, { items, next, path: "/", isFirstPage: !after })
        : empty;
    const heading = html`<h1 class="lead">Notes on changing a database while it is in use</h1>`;
    await sendPage(response, blog, { title: "Posts", current: "/", main: html`${heading}${main}` });
  });

  router.get("/posts/new", (_request, response) => sendForm(response, undefined, { values: {}, errors: [] }));

  router.post("/posts", readForm, async (request, response) => {
    await save(response, undefined, request.body, (input) => createPost(db, posts, input));
  });

  router.get("/posts/:id", async (request, response) => {
    const post = await getPost(db.manager, posts, request.params.id);
    await sendPage(response, blog, { title: post.title, main: await postPage(posts, blog.markdown, post) });
  });

  router.get("/posts/:id/edit", async (request, response) => {
    const post = await getPost(db.manager, posts, request.params.id);
    await sendForm(response, post.id, { values: texts(post), errors: [] });
  });

  router.post("/posts/:id", readForm, async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    await save(response, id, request.body, (input) => replacePost(db, posts, id, input));
  });

  router.post("/posts/:id/delete", async (request, response) => {
    await deletePost(db, posts, request.params.id);
    response.redirect(303, "/");
  });

  async function save(
    response: Response,
    id: string | undefined,
    body: unknown,
    write: (input: ReturnType<typeof check<Posts["input"]>>) => Promise<{ id: string }>,
  ): Promise<void> {
    try {
      const post = await write(check(posts.input, body));
      response.redirect(303, `/posts/${post.id}`);
    } catch (error) {
      // Whatever is wrong with it, the text comes back in the form: nobody should have to write it twice.
      if (!(error instanceof Problem) || ![400, 409].includes(error.status)) throw error;
      const message = explain(error, posts, blog.version);
      response.status(error.status);
      await sendForm(response, id, {
        values: texts(body as object),
        errors: error.errors,
        ...(message && { message }),
      });
    }
  }

  async function sendForm(response: Response, id: string | undefined, state: FormState): Promise<void> {
    const known = posts.extensions.map(async (extension) => {
      const name = Object.keys(extension.input ?? {})[0] ?? "";
      const fault = state.errors.find(({ field }) => field === name)?.detail;
      return (await extension.formField?.(db.manager, state.values[name] ?? "", fault)) ?? nothing;
    });
    const extraFields: Html[] = await Promise.all(known);
    const heading = id ? "Edit the post" : "Write a post";
    const action = id ? `/posts/${id}` : "/posts";
    const cancel = id ? `/posts/${id}` : "/";
    await sendPage(response, blog, {
      title: heading,
      ...(!id && { current: "/posts/new" }),
      main: postForm({ ...state, heading, action, cancel, extraFields }),
    });
  }

  return router;
}

/** What to say above the form: a conflict, or faults of fields that this release's form does not show. */
function explain({ status, message, errors }: Problem, posts: Posts, version: string): string | undefined {
  if (status === 409) return `${message} Your text is still below.`;
  const onForm = ["title", "body", ...posts.extensions.flatMap(({ input }) => Object.keys(input ?? {}))];
  const elsewhere = errors.filter(({ field }) => !onForm.includes(field));
  if (elsewhere.length === 0) return undefined;
  const faults = elsewhere.map(({ field, detail }) => `${field} ${detail}`).join(", ");
  return `Release ${version} answered: ${faults}. Saving again goes on without.`;
}

/** Form fields hold text. */
const texts = (values: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : String(value ?? ""),
    ]),
  );

const empty = html`<section class="empty"><p>Nothing has been written yet.</p>
<p><a class="button" href="/posts/new">Write the first post</a></p></section>`;
