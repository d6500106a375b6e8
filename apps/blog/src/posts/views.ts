import type { Markdown } from "../markdown/markdown.ts";
import { escaped, type Html, html, nothing } from "../pages/html.ts";
import type { FieldError } from "../problems/problem.ts";
import { longest, type Posts } from "./describe.ts";
import type { Post } from "./post.ts";

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const time = (at: Date) => html`<time datetime="${at.toISOString()}">${day.format(at)}</time>`;

const badges = (posts: Posts, post: Post) =>
  posts.extensions.map((extension) => extension.badge?.(post) ?? nothing);

interface List {
  items: readonly Post[];
  next: string | null;
  /** Path of the list itself. */
  path: string;
  isFirstPage: boolean;
}

export async function postList(
  posts: Posts,
  markdown: Markdown,
  { items, next, path, isFirstPage }: List,
): Promise<Html> {
  const excerpts = await markdown.excerpts(items.map(({ body }) => body));
  return html`
<ol class="posts">${items.map(
    (post, n) => html`
<li><article>
<h2><a href="/posts/${post.id}">${post.title}</a></h2>
<p class="meta">${time(post.createdAt)}${badges(posts, post)}</p>
<p class="excerpt">${excerpts[n]}</p>
</article></li>`,
  )}</ol>
<nav class="paging" aria-label="Pages">
${isFirstPage ? nothing : html`<a href="${path}">← Newest</a>`}
${next ? html`<a class="older" rel="next" href="${path}?after=${next}">Older posts →</a>` : nothing}
</nav>`;
}

export const postPage = async (posts: Posts, markdown: Markdown, post: Post): Promise<Html> => html`
<article class="post">
<header><h1>${post.title}</h1>
<p class="meta">${time(post.createdAt)}${post.updatedAt > post.createdAt ? html`<span>edited ${time(post.updatedAt)}</span>` : nothing}${badges(posts, post)}</p></header>
<div class="prose">${await markdown.article(post.body)}</div>
</article>
<div class="actions">
<a class="button" href="/posts/${post.id}/edit">Edit</a>
<details><summary class="button quiet">Delete …</summary>
<form method="post" action="/posts/${post.id}/delete">
<p>Delete this post for good?</p><button class="danger">Yes, delete it</button></form></details>
</div>`;

export interface FormState {
  /** What stands in the fields, checked or not. */
  values: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
  /** A fault of no single field. */
  message?: string;
}

interface Form extends FormState {
  heading: string;
  action: string;
  cancel: string;
  extraFields: readonly Html[];
}

export function postForm({ heading, action, cancel, values, errors, message, extraFields }: Form): Html {
  const error = (field: string) => errors.find((candidate) => candidate.field === field)?.detail;
  const faulty = errors.length > 0 || message !== undefined;
  return html`
<h1>${heading}</h1>
${faulty ? html`<div class="alert" role="alert"><p>Not saved. ${message ?? "Please look at what is marked below."}</p></div>` : nothing}
<form class="editor" method="post" action="${action}">
${values.updatedAt ? html`<input type="hidden" name="updatedAt" value="${values.updatedAt}">` : nothing}
${field("title", "Title", error("title"), (described) => html`<input id="title" name="title" value="${values.title}" required maxlength="${longest.title}" autocomplete="off"${described}>`)}
${extraFields}
${field(
  "body",
  html`Text <small>in Markdown</small>`,
  error("body"),
  // A line end directly after <textarea> is dropped by browsers; ours is, so that the text's own first one stays.
  (
    described,
  ) => html`<textarea id="body" name="body" required maxlength="${longest.body}" rows="16"${described}>
${escaped(values.body ?? "")}</textarea>`,
)}
<p class="actions"><button>Save</button><a class="button quiet" href="${cancel}">Cancel</a></p>
</form>`;
}

/** A labelled form control with its error, told to screen readers as belonging together. */
export const field = (
  name: string,
  label: string | Html,
  error: string | undefined,
  control: (described: Html) => Html,
): Html => html`
<div class="field">
<label for="${name}">${label}</label>
${control(error ? html` aria-invalid="true" aria-describedby="${name}-error"` : nothing)}
${error ? html`<p class="error" id="${name}-error">This field ${error}.</p>` : nothing}
</div>`;
