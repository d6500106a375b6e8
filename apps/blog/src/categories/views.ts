import { type Html, html } from "../pages/html.ts";
import { field } from "../posts/views.ts";
import type { Category } from "./category.ts";

/** All categories, and a form for one more. */
export const categoryList = (
  categories: readonly Category[],
  name: string,
  error: string | undefined,
): Html => html`
<h1>Categories</h1>
${
  categories.length > 0
    ? html`<ul class="chips">${categories.map(
        (category) =>
          html`<li><a class="badge" href="/categories/${encodeURIComponent(category.slug)}">${category.name}</a></li>`,
      )}</ul>`
    : html`<p class="empty">There are none yet.</p>`
}
<form class="inline" method="post" action="/categories">
${field("name", "New category", error, (described) => html`<input id="name" name="name" value="${name}" required maxlength="60" autocomplete="off"${described}>`)}
<button>Add</button>
</form>`;
