import type { Page } from "../keyset.ts";
import { type Html, html, nothing } from "../pages/html.ts";
import { field } from "../posts/views.ts";
import { type Category, longestName } from "./category.ts";

/** All categories, and a form for one more. */
export const categoryList = (
  { items, next }: Page<Category>,
  name: string,
  error: string | undefined,
): Html => html`
<h1>Categories</h1>
${
  items.length > 0
    ? html`<ul class="chips">${items.map(
        (category) =>
          html`<li><a class="badge" href="/categories/${encodeURIComponent(category.slug)}">${category.name}</a></li>`,
      )}</ul>${next ? html`<p><a rel="next" href="/categories?after=${next}">More categories →</a></p>` : nothing}`
    : html`<p class="empty">There are none yet.</p>`
}
<form class="inline" method="post" action="/categories">
${field("name", "New category", error, (described) => html`<input id="name" name="name" value="${name}" required maxlength="${longestName}" autocomplete="off"${described}>`)}
<button>Add</button>
</form>`;

/** The form control that puts a post into one of `choices`. */
export const categoryField = (
  choices: readonly Pick<Category, "id" | "name">[],
  chosen: string,
  error: string | undefined,
): Html =>
  field("categoryId", "Category", error, (described) => {
    const options = choices.map(
      ({ id, name }) =>
        html`<option value="${id}"${id === chosen ? html` selected` : nothing}>${name}</option>`,
    );
    return html`<select id="categoryId" name="categoryId"${described}>${options}</select>`;
  });
